import { AwsError } from "../../kernel/aws-error";
import type { Call, Cloud } from "../../kernel/service";
import { isSecretName, type Secret, secretArn } from "./secret";

class Secrets {
  readonly #secrets = new Map<string, Secret>();

  constructor(readonly cloud: Cloud) {}

  get #state() {
    return this.cloud.state("secrets");
  }

  async load() {
    for (const [, secret] of await this.#state.entries<Secret>("secret/")) this.#secrets.set(secret.name, secret);
  }

  /** The secrets that are not past their recovery window. */
  all(): Secret[] {
    const nowMs = this.cloud.clock.nowMs();
    return [...this.#secrets.values()].filter(({ deletedMs }) => deletedMs === undefined || deletedMs > nowMs);
  }

  /** By name, by ARN, or by an ARN without its last six characters. */
  find(id: string): Secret | undefined {
    return this.all().find(({ name, arn }) => name === id || arn === id || arn.slice(0, -7) === id);
  }

  /** Authorizes the call, by the caller's role and the secret's policy. Throws `AwsError` ResourceNotFoundException. */
  open(call: Call, id: unknown, operation = call.operation): Secret {
    const secret = this.find(String(id));
    const arn = secret?.arn ?? (String(id).startsWith("arn:") ? String(id) : secretArn(String(id), this.cloud.place));
    call.authorize(`secretsmanager:${operation}`, arn, { resourcePolicy: secret?.policy });
    if (secret === undefined) throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    return secret;
  }

  /** As `open`, but not for a secret that is to be deleted. Throws `AwsError` InvalidRequestException. */
  openActive(call: Call, id: unknown, operation = call.operation): Secret {
    const secret = this.open(call, id, operation);
    if (secret.deletedMs === undefined) return secret;
    throw new AwsError("InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.");
  }

  async put(name: string, changes: Partial<Secret>): Promise<Secret> {
    if (!isSecretName(name))
      throw new AwsError(
        "InvalidParameterException",
        `Name is ${JSON.stringify(name)}, but may contain only letters, digits, /_+=.@ and -.`,
      );
    const nowMs = this.cloud.clock.nowMs();
    const arn = secretArn(name, this.cloud.place);
    const existing = this.find(name);
    const secret: Secret = {
      name,
      arn,
      tags: {},
      versions: [],
      createdMs: nowMs,
      declared: false,
      ...existing,
      ...changes,
      changedMs: nowMs,
    };
    this.#secrets.set(name, secret);
    await this.#state.put(`secret/${name}`, secret);
    return secret;
  }

  async delete(name: string) {
    this.#secrets.delete(name);
    await this.#state.delete(`secret/${name}`);
  }
}

export { Secrets };
