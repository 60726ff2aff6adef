import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { BY_STATUS, INSTALLATIONS } from "#core/slack/tables";
import type { TeamTableName } from "#core/slack/team-data";
import type { InstalledSettings } from "#functions/installed-workspaces";
import type { JoinerSettings, TokensSettings } from "#functions/joiner";
import type { LegalPage } from "#functions/workspaces/legal";
import type { ScopeSettings } from "#subscribers/home";
import type { Bucket } from "../resources/bucket";
import type { FeatureArgs } from "../resources/feature";
import type { HttpApi } from "../resources/http-api";
import { KmsKey } from "../resources/kms-key";
import { ScheduledFunction } from "../resources/scheduled-function";
import { Table } from "../resources/table";
import type { Settings } from "../settings/settings";
import {
  decryptUnder,
  deleteItems,
  deleteObjects,
  encryptUnder,
  listObjects,
  publish,
  put,
  query,
  read,
  scan,
  update,
} from "../wiring/grants";
import { type Wiring, wire, withoutGrant } from "../wiring/wire";
import { listScopes, type Offers } from "./slack-manifest";

interface WorkspacesArgs extends FeatureArgs {
  settings: Settings;
  /** The API that gets the routes of the install door. */
  api: HttpApi;
  /** Remembers which states of installations were used. */
  seen: Table;
  /** What the app offers. The install door asks Slack for the scopes that this takes. */
  offers: Offers;
}

/** What functions do with the installations, each with its settings. */
interface WorkspacesUses {
  /** Find out where the app is installed and what the workspace has chosen, and record that it is removed. */
  check: InstalledSettings;
  /** Read what workspaces have chosen. */
  read: Pick<InstalledSettings, "installationsTable" | "teamDefaults">;
  /** Act in Slack, and compare what an installation allows with what the app asks for. */
  compare: ScopeSettings;
  /** Act in Slack as the bot of a workspace. */
  act: TokensSettings;
  /** List the installations, to act in each. */
  list: JoinerSettings;
  /** Keep a key for each workspace. */
  keep: Pick<InstalledSettings, "installationsTable">;
}

/** Throws if the text has no title, so that the preview fails and not the page. */
const readLegalText = (page: LegalPage): string => {
  const text = readFileSync(join(__dirname, `../../docs/legal/${page}.md`), "utf8");
  if (!/^# \S/.test(text)) throw new Error(`docs/legal/${page}.md must begin with a title such as "# Privacy".`);
  return text;
};

type DataTables = Partial<Record<TeamTableName, Table>>;

/** Where the data of workspaces is. */
interface DataArgs extends FeatureArgs {
  /** The parts of the stack that have tables. */
  holders: readonly ({ tables: DataTables } | undefined)[];
  /** Undefined without a file archive. */
  archive: Bucket | undefined;
}

/** The key of the encryption context of each token. Its value is the installation's id. */
const CONTEXT_KEY = "installation";

/** The callback waits for Slack and KMS, while a person waits for the page. */
const INSTALL_SECONDS = 20;

const REFRESH_SECONDS = 60;

const LEGAL_SECONDS = 5;

/** A run starts no step after four minutes, and finishes the step that it is in. */
const ERASE_SECONDS = 300;

/** Where many workspaces install the app: the door for *Add to Slack*, the installations, and the key of their tokens. */
class Workspaces extends pulumi.ComponentResource {
  readonly outputs: Record<string, unknown>;
  readonly #installations: Table;
  readonly #edges: { [Use in keyof WorkspacesUses]: () => Wiring<WorkspacesUses[Use]> };

  constructor(name: string, args: WorkspacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:workspaces:Workspaces", name, {}, opts);
    const child = { parent: this };
    const { settings, offers, api, seen, errors, production } = args;
    const scopes: string[] = listScopes(offers);
    const installUrl = pulumi.interpolate`${api.url}/install`;

    const installations = new Table("installations", { ...INSTALLATIONS, production }, child);
    this.#installations = installations;
    const key = new KmsKey(
      "installation-tokens",
      { description: "Encrypts Slack's tokens of slack-fanout.", contextKey: CONTEXT_KEY, inAccountOf: errors, production },
      child,
    );
    const environment = { SLACK_URL: settings.slackApiUrl, CLIENT_SECRET: settings.slackClientSecret ?? "" };

    // Redirects to Slack's consent page, and stores the installation that comes back. It can't read the tokens that it stores.
    api.route("GET /install", () => require("#functions/workspaces/install") as typeof import("#functions/workspaces/install"), {
      also: ["GET /install/callback"],
      timeoutSeconds: INSTALL_SECONDS,
      environment,
      installationsTable: installations.may(update),
      seenTable: seen.may(put),
      tokenKeyArn: key.may(encryptUnder(CONTEXT_KEY)),
      installUrl: withoutGrant(installUrl),
      clientId: settings.slackClientId,
      scopes,
    });

    // The pages that Slack's review asks for, from texts that the operator edits.
    api.route("GET /privacy", () => require("#functions/workspaces/legal") as typeof import("#functions/workspaces/legal"), {
      name: "legal",
      also: ["GET /terms", "GET /support"],
      timeoutSeconds: LEGAL_SECONDS,
      texts: { privacy: readLegalText("privacy"), terms: readLegalText("terms"), support: readLegalText("support") },
    });

    if (settings.tokenRotation) {
      new ScheduledFunction(
        "token-refresher",
        {
          ...args,
          ...wire(() => require("#functions/workspaces/token-refresher") as typeof import("#functions/workspaces/token-refresher"), {
            installationsTable: installations.may(query(BY_STATUS), update),
            tokenKeyArn: key.may(encryptUnder(CONTEXT_KEY), decryptUnder(CONTEXT_KEY)),
            errorsTopicArn: errors.may(publish),
            installUrl: withoutGrant(installUrl),
            clientId: settings.slackClientId,
            eraseAfterDays: settings.eraseAfterDays,
          }),
          environment: { ...args.environment, ...environment },
          schedule: "rate(15 minutes)",
          timeoutSeconds: REFRESH_SECONDS,
        },
        child,
      );
    }

    const { triggerWords, split, ignoreWords, dibsDefault } = settings;
    const teamDefaults = { triggerWords, split, ignoreWords, notifyChannel: "", dibsDefault, agents: settings.agent !== "off" };
    const acting = (): Omit<Wiring<TokensSettings>, "installationsTable"> => ({
      tokenKeyArn: key.may(decryptUnder(CONTEXT_KEY)),
      errorsTopicArn: errors.may(publish),
      installUrl: withoutGrant(installUrl),
      eraseAfterDays: settings.eraseAfterDays,
    });
    this.#edges = {
      check: () => ({
        installationsTable: installations.may(read, update),
        installUrl: withoutGrant(installUrl),
        eraseAfterDays: settings.eraseAfterDays,
        teamDefaults,
      }),
      read: () => ({ installationsTable: installations.may(read), teamDefaults }),
      compare: () => ({ tokens: this.may("act"), installUrl: withoutGrant(installUrl), scopes }),
      act: () => ({ installationsTable: installations.may(read, update), ...acting() }),
      keep: () => ({ installationsTable: installations.may(read, update) }),
      list: () => ({
        tokens: { installationsTable: installations.may(read, update, query(BY_STATUS)), ...acting() },
      }),
    };
    this.outputs = { installUrl, installationsTable: installations.name, tokenKeyArn: key.arn };
    this.registerOutputs(this.outputs);
  }

  /** Erases the data of workspaces that have removed the app. The output `teamData` lists the tables and the bucket with such data, for `npm run team`. */
  eraseData({ holders, archive, ...args }: DataArgs): void {
    const tables: DataTables = Object.assign({}, ...holders.map(holder => holder?.tables));
    new ScheduledFunction(
      "team-eraser",
      {
        ...args,
        ...wire(() => require("#functions/workspaces/team-eraser") as typeof import("#functions/workspaces/team-eraser"), {
          installationsTable: this.#installations.may(read, put, scan, deleteItems),
          tables: mapTables(tables, table => table.may(scan, deleteItems)),
          archiveBucket: archive?.may(listObjects, deleteObjects),
        }),
        schedule: "rate(1 hour)",
        timeoutSeconds: ERASE_SECONDS,
      },
      { parent: this },
    );
    this.outputs["teamData"] = { tables: mapTables(tables, table => table.name), ...(archive && { archiveBucket: archive.bucket }) };
  }

  /** The installations for a function, and what the function may do with them. */
  may<Use extends keyof WorkspacesUses>(use: Use): Wiring<WorkspacesUses[Use]> {
    return this.#edges[use]();
  }
}

const mapTables = <T>(tables: DataTables, map: (table: Table) => T): Partial<Record<TeamTableName, T>> =>
  Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, map(table)]));

export { Workspaces };
