export const LEAST_LENGTH = 12;

export type Rule = "ruleLength" | "ruleName" | "ruleRepeat";

/** Which rules the entry keeps. Length counts characters, not UTF-16 units. */
export function checkPassword(password: string, repeated: string, username: string): Record<Rule, boolean> {
  return {
    ruleLength: [...password].length >= LEAST_LENGTH,
    ruleName: password !== "" && !password.toLowerCase().includes(username.toLowerCase()),
    ruleRepeat: password !== "" && password === repeated,
  };
}
