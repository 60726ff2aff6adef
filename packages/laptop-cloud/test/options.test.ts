import { expect } from "chai";
import { readOptions } from "../src/options";

describe("options", () => {
  const refused: [what: string, environment: Record<string, string>, args: string[], sentence: RegExp][] = [
    ["text as a port", { PORT: "http" }, [], /PORT is "http": want a port/],
    ["a port that is too high", { AWS_PORT: "70000" }, [], /AWS_PORT is "70000": want a port/],
    ["one port for both", { PORT: "4000", AWS_PORT: "4000" }, [], /PORT and AWS_PORT are both 4000: want two ports/],
    ["an unknown option", {}, ["--fersh"], /'--fersh'.*--help` shows all options/],
    ["a setting without a value", {}, ["--config", "multiplier"], /--config is "multiplier": want KEY=VALUE/],
    ["an address as a host", {}, ["--allow-host", "https://x.example"], /--allow-host is "https:\/\/x\.example": want a host name/],
  ];
  for (const [what, environment, args, sentence] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => readOptions(args, environment)).to.throw(RangeError, sentence);
    });
  }
});
