/** Print one part of the page; the style sheet knows what each name leaves. */
export function printOnly(part: "codes" | "report" | "repair" | "look-up"): void {
  const root = document.documentElement;
  root.dataset["printing"] = part;
  addEventListener("afterprint", () => delete root.dataset["printing"], { once: true });
  print();
}
