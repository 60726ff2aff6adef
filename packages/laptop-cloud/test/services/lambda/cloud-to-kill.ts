/** A laptop cloud in a process of its own, for tests that end it with kill -9. Says its AWS endpoint when it stands. */
import { type FunctionUnderTest, startFunctions } from "./functions-under-test";

const [directory, functions] = process.argv.slice(2) as [string, string];

startFunctions({ directory, functions: JSON.parse(functions) as FunctionUnderTest[] }).then(
  ({ cloud }) => process.send!({ awsUrl: cloud.place.awsUrl }),
  error => {
    console.error(error);
    process.exit(1);
  },
);
