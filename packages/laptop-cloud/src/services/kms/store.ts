import { randomBytes } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { AuthorizeMore, Call, Cloud } from "../../kernel/service";
import { aliasArn, type Key, keyArn } from "./key";

interface Alias {
  /** "alias/NAME". */
  name: string;
  keyId: string;
  createdMs: number;
  isDeclared: boolean;
}

/** All keys and aliases. */
class Keys {
  readonly #keys = new Map<string, Key>();
  readonly aliases = new Map<string, Alias>();

  constructor(readonly cloud: Cloud) {}

  get #state() {
    return this.cloud.state("kms");
  }

  async load() {
    for (const [, key] of await this.#state.entries<Key>("key/")) this.#keys.set(key.id, key);
    for (const [, alias] of await this.#state.entries<Alias>("alias/")) this.aliases.set(alias.name, alias);
  }

  /** The keys that are not deleted, also those that are scheduled for deletion. */
  all(): Key[] {
    const nowMs = this.cloud.clock.nowMs();
    return [...this.#keys.values()].filter(({ deletionMs }) => deletionMs === undefined || deletionMs > nowMs);
  }

  find(id: string): Key | undefined {
    return this.all().find(key => key.id === id);
  }

  /**
   * Opens a key by its id or ARN, or by an alias where `name` may be one, and authorizes the call by the key's policy and the caller's role.
   * Throws `AwsError` NotFoundException.
   */
  open(call: Call, name: unknown, { operation = call.operation, context, aliases = false }: OpenOptions = {}): Key {
    const { place } = this.cloud;
    const text = String(name);
    const aliasName = /^(?:arn:aws:kms:[^:]*:\d*:)?(alias\/.*)$/.exec(text)?.[1];
    if (aliasName !== undefined && !aliases)
      throw new AwsError("NotFoundException", `KeyId is ${JSON.stringify(text)}, but ${operation} takes no alias.`);
    const id = aliasName === undefined ? text.slice(text.lastIndexOf("/") + 1) : (this.aliases.get(aliasName)?.keyId ?? "");
    const key = this.find(id);
    if (key === undefined) {
      const arn = aliasName === undefined ? keyArn(id, place) : aliasArn(aliasName, place);
      call.authorize(`kms:${operation}`, arn);
      throw new AwsError("NotFoundException", aliasName === undefined ? `Key '${arn}' does not exist` : `Alias ${arn} is not found.`);
    }
    this.authorize(call, key, {
      operation,
      context: { ...context, ...(aliasName === undefined ? {} : { "kms:RequestAlias": aliasName }) },
    });
    return key;
  }

  /** Authorizes a call by the key's policy, and by the caller's role where that policy leaves it to the account. */
  authorize(call: Call, key: Key, { operation, context }: { operation: string; context?: AuthorizeMore["context"] }) {
    call.authorize(`kms:${operation}`, key.arn, {
      resourcePolicy: key.policy,
      isPolicyRequired: true,
      context: {
        "kms:CallerAccount": this.cloud.place.account,
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:ResourceAliases": [...this.aliases.values()].filter(({ keyId }) => keyId === key.id).map(({ name }) => name),
        ...context,
      },
    });
  }

  async put(id: string, changes: Partial<Key> & Pick<Key, "policy">): Promise<Key> {
    const existing = this.find(id);
    const key: Key = {
      id,
      arn: keyArn(id, this.cloud.place),
      description: "",
      isEnabled: true,
      tags: {},
      material: [randomBytes(32).toString("base64")],
      createdMs: this.cloud.clock.nowMs(),
      ...existing,
      ...changes,
    };
    this.#keys.set(id, key);
    await this.#state.put(`key/${id}`, key);
    return key;
  }

  async change(key: Key, changes: Partial<Key>): Promise<Key> {
    return this.put(key.id, { ...key, ...changes });
  }

  async putAlias(alias: Alias) {
    this.aliases.set(alias.name, alias);
    await this.#state.put(alias.name, alias);
  }

  async deleteAlias(name: string) {
    this.aliases.delete(name);
    await this.#state.delete(name);
  }
}

interface OpenOptions {
  /** The action's name, if it is not the operation's. */
  operation?: string;
  context?: AuthorizeMore["context"];
  /** Whether the operation takes an alias instead of a key. */
  aliases?: boolean;
}

export type { Alias };
export { Keys };
