import { expect } from "chai";
import { readOptions } from "../src/options";

describe("options", () => {
  const refused: [what: string, environment: Record<string, string>, args: string[], sentence: RegExp][] = [
    ["text as a port", { PORT: "http" }, [], /PORT is "http", but must be a port/],
    ["a port that is too high", { AWS_PORT: "70000" }, [], /AWS_PORT is "70000", but must be a port/],
    ["one port for both", { PORT: "4000", AWS_PORT: "4000" }, [], /PORT and AWS_PORT are both 4000, but must differ/],
    ["an unknown option", {}, ["--fersh"], /'--fersh'.*--help` shows all options/],
    ["a setting without a value", {}, ["--config", "multiplier"], /--config is "multiplier", but must be KEY=VALUE/],
    [
      "a fallback that is no URL",
      { AWS_FALLBACK_ENDPOINT: "localhost:4567" },
      [],
      /AWS_FALLBACK_ENDPOINT is "localhost:4567", but must be http/,
    ],
    ["a fallback with a path", { AWS_FALLBACK_ENDPOINT: "http://127.0.0.1:4567/aws" }, [], /must be http:.* without a path/],
    ["itself as a fallback", { AWS_FALLBACK_ENDPOINT: "http://localhost:4566" }, [], /is this laptop cloud itself/],
    ["an address as a host", {}, ["--allow-host", "https://x.example"], /--allow-host is "https:\/\/x\.example", but must be a host name/],
    [
      "an agent on another machine",
      {},
      ["--runtime", "arn:x=http://10.0.0.1:8080"],
      /--runtime is "arn:x=http:\/\/10\.0\.0\.1:8080", but must be ARN=/,
    ],
    ["an agent without an ARN", {}, ["--runtime", "http://127.0.0.1:8080"], /--runtime is "http.*", but must be ARN=http/],
  ];
  for (const [what, environment, args, sentence] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => readOptions(args, environment)).to.throw(RangeError, sentence);
    });
  }
});
