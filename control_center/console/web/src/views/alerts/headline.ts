/**
 * A title is "SUBJECT · LIST × DATABASE". The subject stands alone in the first line, and a plate is drawn as a plate,
 * so it is not said twice.
 */
export function headline(title: string, plate: string | null): { subject: string; rest: string } {
  const [subject = "", ...others] = title.split(" · ");
  if (others.length === 0) return { subject, rest: plate === subject ? "" : plate ? title : "" };
  const rest = others.join(" · ");
  return plate !== null && subject !== plate ? { subject: plate, rest: title } : { subject, rest };
}
