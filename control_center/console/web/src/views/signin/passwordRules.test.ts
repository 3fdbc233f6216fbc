import { expect, it } from "vitest";
import { checkPassword } from "./passwordRules";

it.each([
  ["elevenchars", "elevenchars", { ruleLength: false, ruleName: true, ruleRepeat: true }],
  ["twelve chars", "twelve chars", { ruleLength: true, ruleName: true, ruleRepeat: true }],
  ["twelve chars", "twelve char", { ruleLength: true, ruleName: true, ruleRepeat: false }],
  ["twelve Li chars", "twelve Li chars", { ruleLength: true, ruleName: false, ruleRepeat: true }],
  ["", "", { ruleLength: false, ruleName: false, ruleRepeat: false }],
])("%j with %j", (password, repeated, rules) => {
  expect(checkPassword(password, repeated, "li")).toEqual(rules);
});
