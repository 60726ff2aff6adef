import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { buildHomeRefresh } from "#core/home/home-event";
import { CountKeys, dayOf } from "#core/message/count-keys";
import { postOf } from "../../cloud/laptop-process";
import { Tables } from "../../cloud/tables";
import type { Answer, CreateCalls } from "../calls";
import { buildDelivery, buildEditDelivery, buildRequest, FORM, SAID_DAY } from "../events";

/** The doors for messages and words, the relay, the digest, and the subscribers that count. */
const createCalls: CreateCalls = ({ laptop, call }) => {
  const tables = () => new Tables(laptop());
  const act = async (action: string, body: object) =>
    (await (await fetch(`${laptop().endpoints.slack}/${action}`, postOf(body))).json()) as { channel: string };

  return {
    home: async () => {
      const { envelope } = buildHomeRefresh({ team: "T0001", user: "U0002", note: "An artefact." }, "artefact", await laptop().nowMs());

      await call("home", { Records: [{ EventSource: "aws:sns", Sns: { Message: envelope, MessageAttributes: {} } }] });

      const { view } = (await (await fetch(`${laptop().endpoints.slack}/home?user=U0002`)).json()) as { view: { blocks: object[] } };
      expect(JSON.stringify(view.blocks)).to.include("An artefact.").and.include("Words of the week");
    },
    webhook: async () => {
      const body = new URLSearchParams({
        token: "local-verification-token",
        team_id: "T0001",
        channel_id: "C0001",
        user_id: "U0001",
        timestamp: "1763805600.000100",
        text: "artefact grüße",
      });

      const { statusCode, body: answer } = (await call("webhook", buildRequest(body.toString(), FORM))) as Answer;

      expect([statusCode, JSON.parse(answer)]).to.deep.equal([200, { text: "`artefact` = 1\n`grüße` = 1" }]);
    },
    events: async () => {
      const event = {
        type: "message",
        channel: "C0001",
        channel_type: "channel",
        user: "U0001",
        text: "an #artefact",
        ts: "1763805600.000300",
      };
      const body = JSON.stringify({ type: "event_callback", team_id: "T0001", api_app_id: "A0001", event_id: "EvArtefact", event });

      const { statusCode } = (await call(
        "events",
        buildRequest(body, { "content-type": "application/json", ...(await laptop().sign(body)) }),
      )) as Answer;

      expect(statusCode).to.equal(200);
      expect((await tables().counts(["#artefact"]))["#artefact"]).to.be.oneOf([1, 11]);
    },
    commands: async () => {
      const body = new URLSearchParams({
        command: "/words",
        text: "3",
        team_id: "T0001",
        api_app_id: "A0001",
        user_id: "U0001",
        trigger_id: "1.1",
      }).toString();

      const { statusCode, body: answer } = (await call(
        "commands",
        buildRequest(body, { ...FORM, ...(await laptop().sign(body)) }),
      )) as Answer;

      expect(statusCode).to.equal(200);
      expect(JSON.parse(answer)).to.include({ response_type: "ephemeral" });
    },
    joiner: async () => {
      const { channel } = await act("create", { user: "U0001", name: "artefact" });

      expect(await call("joiner", {})).to.equal(null);
      const { channels } = (await (await fetch(`${laptop().endpoints.slack}/state`)).json()) as {
        channels: { id: string; members: string[] }[];
      };
      expect(channels.find(({ id }) => id === channel)?.members).to.deep.equal(["U0001", "UBOT01"]);
    },
    relay: async () => {
      expect(await call("relay", {})).to.equal(null);
      expect(await tables().pending()).to.deep.equal([]);
    },
    multiplier: async () => {
      await call("multiplier", buildDelivery("multiplied", "T0001-C0001-1-webhook"));
      await call("multiplier", buildDelivery("multiplied", "T0001-C0001-1-webhook"));

      expect(await tables().counts(["multiplied"])).to.deep.equal({ multiplied: 10 });

      await call("multiplier", buildEditDelivery("remultiplied"));

      expect(await tables().counts(["multiplied", "remultiplied"])).to.deep.equal({ multiplied: 0, remultiplied: 10 });
    },
    leaderboard: async () => {
      await call("leaderboard", buildDelivery("boarded", "T0001-C0001-2-webhook"));

      expect(await tables().boardCounts(["boarded"], SAID_DAY)).to.deep.equal([1]);

      await call("leaderboard", buildEditDelivery("reboarded"));

      expect(await tables().boardCounts(["boarded", "reboarded"], SAID_DAY)).to.deep.equal([0, 1]);
    },
    digest: async () => {
      const { client, endpoints } = laptop();
      const dayMs = 86_400_000;
      const today = Math.floor((await laptop().nowMs()) / dayMs);
      const sundayMs = (today - ((new Date(today * dayMs).getUTCDay() + 6) % 7) - 1) * dayMs;
      const board = { team: "T0001", period: dayOf(sundayMs) };
      const { key, set } = new CountKeys().placeOnBoard(board, "digested", "");
      const Item = marshall({ ...key, ...set, count: 9 });
      await new DynamoDBClient(client).send(new PutItemCommand({ TableName: endpoints.outputs["boardsTable"], Item }));

      expect(await call("digest", {})).to.equal(null);
      await laptop().settles(async () =>
        (await (await fetch(`${endpoints.slack}/messages?channel=C0002`)).text()).includes("`digested` = 9"),
      );
    },
    logger: async () => {
      expect(await call("logger", buildDelivery("logged", "T0001-C0001-3-webhook"))).to.equal(null);
    },
  };
};

export { createCalls };
