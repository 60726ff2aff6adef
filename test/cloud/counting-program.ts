/** The part of `index.ts` that counts and multiplies words, for tests that run a program often. */
import * as pulumi from "@pulumi/pulumi";
import { SEEN, WORDS } from "#core/message/tables";
import { bundleCallbacks } from "../../components/bundling/bundle";
import { HttpApi } from "../../components/resources/http-api";
import { messageVersions } from "../../components/resources/message-filter";
import { NoticesTopic } from "../../components/resources/notices";
import { Table } from "../../components/resources/table";
import { Topic } from "../../components/resources/topic";
import { groupSettings } from "../../components/settings/setting-groups";
import { readSettings } from "../../components/settings/settings";
import { publish, put, queryTop, read, readMany, readWrite, update } from "../../components/wiring/grants";

bundleCallbacks();

const settings = readSettings();
const { production } = settings;
const groups = groupSettings(settings);
const { verificationToken, layout } = groups;

const seen = new Table("seen", { ...SEEN, production });
const words = new Table("words", { ...WORDS, production });
const successes = new NoticesTopic("successes", { emails: [] });
const errors = new NoticesTopic("errors", { emails: [] });
const shared = { successes, errors, redrivables: {}, ...groups.operation };
const messages = new Topic("messages", { ...shared, publish: settings.publish });
const api = new HttpApi("api", { ...shared, ...groups.exposure });

api.route("POST /webhook", () => require("#functions/webhook") as typeof import("#functions/webhook"), {
  environment: verificationToken,
  wordsTable: words.may(update, readMany),
  top: { wordsTable: words.may(...queryTop), layout },
  seenTable: seen.may(readWrite, readMany),
  topicArn: messages.may(publish),
  ...groups.accepting,
});

messages.subscribe("multiplier", () => require("#subscribers/multiplier") as typeof import("#subscribers/multiplier"), {
  filter: { type: messageVersions },
  wordsTable: words.may(update, readMany),
  seenTable: seen.may(put, read, readMany),
  ...groups.counting,
});

Object.assign(exports, { webhookUrl: pulumi.interpolate`${api.url}/webhook`, ...seen.outputs, ...words.outputs });
