/** A killable laptop cloud with functions. */
import { reportStart } from "@slack-fanout/laptop-cloud/testing";
import { type FunctionUnderTest, startFunctions } from "./functions-under-test";

const [directory, functions] = process.argv.slice(2) as [string, string];

reportStart(startFunctions({ directory, functions: JSON.parse(functions) as FunctionUnderTest[] }).then(({ cloud }) => cloud.place.awsUrl));
