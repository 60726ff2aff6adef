import type { Plugin } from "@slack-fanout/laptop-cloud/plugin";

/** Slack, with Trello below it: `${slack}` is the one address that a program's settings can name. */
const pretendSlack: Plugin = {
  name: "slack",
  path: "/slack",
  createDefinitions: program => {
    // Only now: the process that runs the program has the plugin, too, and needs nothing of it.
    const { createSlack } = require("./service") as typeof import("./service");
    const { createTrello } = require("./trello") as typeof import("./trello");
    return [createSlack(program), createTrello(program)];
  },
};

export { pretendSlack };
