import type { Plugin } from "@slack-fanout/laptop-cloud/plugin";

/** Slack, with Trello below it: `${slack}` is the one address that a program's settings can name. */
const pretendSlack: Plugin = {
  name: "slack",
  path: "/slack",
  createDefinitions: program => {
    // Loaded here, because the program's process loads this plugin, too, but creates no services.
    const { createSlack } = require("./service") as typeof import("./service");
    const { createTrello } = require("./trello") as typeof import("./trello");
    return [createSlack(program), createTrello(program)];
  },
};

export { pretendSlack };
