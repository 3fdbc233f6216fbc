/** Groups of four are easier to type. */
export const inFours = (secret: string): string => secret.replace(/(.{4})(?=.)/g, "$1 ");
