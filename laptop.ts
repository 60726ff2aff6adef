/** `npm start`: runs the program of this folder on the laptop cloud, with a pretend Slack and panels of our own. */
import { join } from "node:path";
import { runCommand } from "@slack-fanout/laptop-cloud";
import { pretendSlack } from "@slack-fanout/pretend-slack";

runCommand({
  plugins: [pretendSlack],
  page: join(__dirname, "panels/page.tsx"),
  signedDoors: ["webhook", "events", "commands", "interactions"].map(door => `/api-gateway/${door}`),
  // Slack sends the browser of whoever installs the app here.
  landingPages: ["/api-gateway/install", "/api-gateway/install/callback"],
  printedOutputs: { Webhook: "webhookUrl" },
});
