import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import type { Mail } from "../../protocol";

interface StoredMail {
  to: string;
  subject: string;
  body: string;
  /** The page's base URL when the mail was written. After a restart the page may have another port, and links are rewritten. */
  pageUrl: string;
}

/** One mailbox for all addresses. Mail is stored and shown, and never leaves the machine. */
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

export { Mailbox };
