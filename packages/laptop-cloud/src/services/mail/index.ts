import type { IncomingMessage, ServerResponse } from "node:http";
import type { Cloud, Operation, Service, ServiceDefinition } from "../../kernel/service";
import type { State } from "../../kernel/state";

/** A mail as it is kept. */
interface StoredMail {
  to: string;
  subject: string;
  body: string;
  /** The page's base URL when it was written; links of ours go to another port after a restart. */
  pageUrl: string;
}

/** A mail as `GET {page}/mail` shows it. */
interface Mail {
  to: string;
  subject: string;
  body: string;
  links: string[];
}

/** The pretend mailbox of every address there is: mail is kept and shown, and leaves the machine never. */
class Mailbox {
  readonly #mails: StoredMail[] = [];
  readonly #state: State;

  constructor(private readonly cloud: Cloud) {
    this.#state = cloud.state("mail");
  }

  async load() {
    for (const [, mail] of await this.#state.entries<StoredMail>()) this.#mails.push(mail);
  }

  async send(to: string, subject: string, body: string, trace: string | undefined) {
    const { pageUrl } = this.cloud.place;
    const key = String(this.#mails.length).padStart(9, "0");
    const mail = { to, subject, body, pageUrl };
    this.#mails.push(mail);
    await this.#state.put(key, mail);
    this.cloud.occurrences.record({ atMs: this.cloud.clock.nowMs(), kind: "mail", trace, to, detail: { subject } });
  }

  /** Newest last. */
  show(): Mail[] {
    return this.#mails.map(({ to, subject, body, pageUrl }) => {
      const current = body.replaceAll(pageUrl, this.cloud.place.pageUrl);
      return { to, subject, body: current, links: current.match(/https?:\/\/[^\s"<>]+/g) ?? [] };
    });
  }
}

const create = (cloud: Cloud): Service => {
  const mailbox = new Mailbox(cloud);
  const send: Operation = async ({ To, Subject, Body }: Record<"To" | "Subject" | "Body", string>, { caller }) => {
    await mailbox.send(To, Subject, Body, caller.trace);
    return {};
  };
  return {
    start: async () => {
      await mailbox.load();
      cloud.mount("/mail", (request, response) => show(mailbox, request, response));
    },
    stop: async () => {},
    operations: { Send: send },
  };
};

const show = (mailbox: Mailbox, { method }: IncomingMessage, response: ServerResponse) => {
  if (method === "GET") response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(mailbox.show()));
  else response.writeHead(405, { allow: "GET" }).end();
};

/** Where e-mail of the cloud ends: `GET {page}/mail`. No service of AWS, so it has no protocol; siblings call `Send`. */
const mail: ServiceDefinition = { name: "mail", resources: {}, always: true, create };

export type { Mail };
export { mail };
