import { expect, it } from "vitest";
import { csv } from "./csv";

it("quotes what needs it, and leaves nothing for a spreadsheet to run", () => {
  expect(csv([["a", 'b "c"', "d,e"], ["=1+1", -2, null], ["@x", "一\n二", "-x"]])).toBe(
    '\uFEFFa,"b ""c""","d,e"\r\n\'=1+1,-2,\r\n\'@x,"一\n二",\'-x\r\n',
  );
});
