import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceDefinition } from "../../kernel/service";
import type { Mail } from "../../protocol";
import { createOperations } from "./operations";
import { Mailbox } from "./store";

/** E-mail that the cloud sends, shown at `GET {page}/mail`. It is no AWS service, so it has no protocol: other services call `Send`. */
const mail: ServiceDefinition = {
  name: "mail",
  resources: {},
  always: true,
  create: cloud => {
    const mailbox = new Mailbox(cloud);
    return {
      start: async () => {
        await mailbox.load();
        cloud.mount("/mail", (request, response) => show(mailbox, request, response));
      },
      stop: async () => {},
      operations: createOperations(mailbox),
    };
  },
};

const show = (mailbox: Mailbox, { method }: IncomingMessage, response: ServerResponse) => {
  if (method === "GET") response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(mailbox.show()));
  else response.writeHead(405, { allow: "GET" }).end();
};

export type { Mail };
export { mail };
