import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildEvent } from "#core/message/event";
import { buildMessage, type Message } from "#core/message/message";
import type { CreateCalls } from "../calls";
import { createPipelineChecks } from "../pipelines";

/** The file archive. */
const createCalls: CreateCalls = artefacts => {
  const { laptop, call } = artefacts;
  const { sizeOf, hasExecution, describesFailure } = createPipelineChecks(artefacts);
  const said = {
    door: "events" as const,
    team: "T0001",
    channel: "C0001",
    user: "U0001",
    text: "#artefact",
    ts: "1763805600.000400",
    private: false,
    mentionsBot: false,
    tokens: [],
  };
  const fetched = { key: "T0001/C0001/2025-11-22/FARTEFACT/original", name: "a.png", mimetype: "image/png", sizeBytes: 4, sha256: "00" };
  const shared = {
    about: { file: "a.png" },
    eventId: "artefact",
    ...said,
    tags: ["#artefact"],
    file: { id: "FARTEFACT", name: "a.png", mimetype: "image/png", size: 4 },
  };

  const recordOf = ({ envelope }: Pick<Message, "envelope">) => ({ Records: [{ Sns: { Message: envelope, MessageAttributes: {} } }] });

  return {
    archiver: async () => {
      const files = [{ id: "FARCHIVER", mimetype: "image/png", url: "https://example.com/a.png" }];
      await call("archiver", recordOf(buildMessage({ ...said, files })));
      await hasExecution("documentsStateMachineArn", "FARCHIVER");
    },
    "archive-remover": async () => {
      const { key } = (await call("documents-metadata", { ...shared, ts: "1763805600.000500", fetchFile: fetched })) as { key: string };
      const files = [{ id: "FARTEFACT", mimetype: "image/png", url: "https://example.com/a.png" }];
      await call("archiver", recordOf(buildMessage({ ...said, ts: "1763805600.000500", files })));
      const event = { type: "message", subtype: "message_deleted", channel: "C0001", deleted_ts: "1763805600.000500", ts: "1763805700.0" };
      const subject = "C0001/1763805600.000500";
      await call(
        "archive-remover",
        recordOf(buildEvent({ name: "message_deleted", team: "T0001", key: [subject], subject, atSeconds: 1, event }, [])),
      );
      expect(await rejectionOf(sizeOf("archiveBucket", key))).to.have.property("name", "NotFound");
    },
    "documents-fetch-file": async () => {
      const response = await fetch(`${laptop().endpoints.slack}/say`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          user: "U0001",
          channel: "C0001",
          text: "",
          files: [{ name: "a.png", mimetype: "image/png", base64: "AAAA" }],
        }),
      });
      const { ts } = (await response.json()) as { ts: string };
      const answer = await fetch(`${laptop().endpoints.slack}/api/conversations.history?channel=C0001&oldest=${ts}&inclusive=true`, {
        headers: { authorization: "Bearer xoxb-local-bot-token" },
      });
      const { messages } = (await answer.json()) as { messages: { ts: string; files: { id: string; url_private: string }[] }[] };
      // Notices of other calls may come after it.
      const { id, url_private: url } = messages.find(message => message.ts === ts)!.files[0]!;

      const result = await call("documents-fetch-file", { ...shared, file: { id, name: "a.png", mimetype: "image/png", size: 3, url } });

      expect(result).to.include({ name: "a.png", sizeBytes: 3 });
      expect(await sizeOf("archiveBucket", (result as { key: string }).key)).to.equal(3);
    },
    "documents-metadata": async () => {
      const { key } = (await call("documents-metadata", { ...shared, fetchFile: fetched })) as { key: string };
      expect(await sizeOf("archiveBucket", key)).to.be.above(100);
    },
    "documents-describe-failure": () => describesFailure("documents-describe-failure", "fetchFile"),
  };
};

export { createCalls };
