import { expect } from "chai";
import type { LaptopProcess } from "../laptop-process";
import { Tables } from "../tables";

interface Delivery {
  path: "webhook" | "events" | "commands" | "interactions" | "api/resources" | "nowhere";
  method?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  /** Signed as Slack signs. The number is the timestamp's error in seconds. */
  signed?: number;
}

const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "content-type": "application/json" };
const said = "token=local-verification-token&team_id=T0001&channel_id=C0001&user_id=U0001&timestamp=1763805700.000001&text=unheard";

/** Bad input through API Gateway, as anybody can send it. It is refused with a reason, and nothing is written. */
const describeDoors = (laptop: LaptopProcess) =>
  describe("doors from outside", () => {
    const send = async ({ path, method = "POST", body = "", headers = {}, signed }: Delivery) => {
      const signature = signed === undefined ? {} : await laptop.sign(body.toString());
      return fetch(`${laptop.endpoints.api}/${path}`, {
        method,
        ...(method === "GET" ? {} : { body: typeof body === "string" ? body : new Uint8Array(body) }),
        headers: { ...headers, ...signature },
      });
    };

    const refused: [what: string, status: number, delivery: Delivery][] = [
      ["a webhook without a token", 401, { path: "webhook", body: "text=unheard", headers: form }],
      ["a webhook with a wrong token", 401, { path: "webhook", body: said.replace("local-", "other-"), headers: form }],
      ["a webhook with two tokens", 401, { path: "webhook", body: `${said}&token=local-verification-token`, headers: form }],
      ["an empty webhook", 400, { path: "webhook", headers: form }],
      ["a webhook with two texts", 400, { path: "webhook", body: `${said}&text=unheard`, headers: form }],
      ["a webhook with a list of texts", 400, { path: "webhook", body: said.replace("text=", "text[]="), headers: form }],
      ["a webhook of JSON", 415, { path: "webhook", body: "{}", headers: json }],
      ["a webhook in utf-16", 415, { path: "webhook", body: said, headers: { "content-type": `${form["content-type"]}; charset=utf-16` } }],
      ["a webhook that is compressed", 415, { path: "webhook", body: said, headers: { ...form, "content-encoding": "br" } }],
      ["a webhook of more than 1 MB", 413, { path: "webhook", body: `${said}&pad=${"x".repeat(1_100_000)}`, headers: form }],
      ["a webhook of 10,000 parameters", 413, { path: "webhook", body: `${said}${"&a=b".repeat(10_000)}`, headers: form }],
      ["an event without a signature", 401, { path: "events", body: '{"type":"url_verification","challenge":"x"}', headers: json }],
      ["a signed event that is null", 400, { path: "events", body: "null", headers: json, signed: 0 }],
      ["a signed event of 100,000 brackets", 400, { path: "events", body: "[".repeat(100_000), headers: json, signed: 0 }],
      ["a signed event that is cut off", 400, { path: "events", body: '{"type":"event_callb', headers: json, signed: 0 }],
      ["a slash command without a signature", 401, { path: "commands", body: "command=/words", headers: form }],
      ["a button without a signature", 401, { path: "interactions", body: "payload={}", headers: form }],
      ["the API without a token", 401, { path: "api/resources", method: "GET" }],
      ["a webhook by GET", 404, { path: "webhook", method: "GET" }],
      ["an unknown path", 404, { path: "nowhere", body: said, headers: form }],
    ];
    for (const [what, status, delivery] of refused) {
      it(`${what}: ${status}`, async () => {
        const response = await send(delivery);

        expect(response.status).to.equal(status);
        expect(await response.text()).not.to.contain("local-verification-token");
        if (status < 404 && delivery.path !== "api/resources") expect(response.headers.get("x-slack-no-retry")).to.equal("1");
      });
    }

    it("an event whose timestamp is stale: 401", async () => {
      const body = JSON.stringify({ type: "url_verification", challenge: "x" });
      const headers = { ...json, ...(await laptop.sign(body)) };
      await laptop.advance(301);

      expect((await send({ path: "events", body, headers })).status).to.equal(401);
    });

    it("answers the challenge of a signed verification", async () => {
      const response = await send({ path: "events", body: '{"type":"url_verification","challenge":"3eZbrw1a"}', headers: json, signed: 0 });

      expect([response.status, await response.json()]).to.deep.equal([200, { challenge: "3eZbrw1a" }]);
    });

    it("accepts a form with a charset, headers in any case, and ü and emoji", async () => {
      const body = said.replace("unheard", encodeURIComponent("grün 🎉 Grün")).replace("000001", "000002");
      const response = await send({
        path: "webhook",
        body,
        headers: { "Content-TYPE": "application/x-www-form-urlencoded; charset=utf-8" },
      });

      expect(await response.json()).to.deep.equal({ text: "`grün` = 2" });
    });

    it("recognises a settled message with one call, even after the clock was moved", async () => {
      const deliver = (timestamp: string) => laptop.webhook({ text: "again", timestamp });
      const webhookCalls = async () =>
        ((await laptop.control("calls")) as { function: string | null }[]).filter(call => call.function === "webhook");
      await laptop.advance(3600);
      expect((await deliver("1763805700.000009")).status).to.equal(200);
      const before = (await webhookCalls()).length;

      expect((await deliver("1763805700.000009")).status).to.equal(200);

      expect((await webhookCalls()).slice(before)).to.have.length(1);
    });

    it("counts no refused request", async () => {
      expect(await new Tables(laptop).counts(["unheard"])).to.deep.equal({ unheard: 0 });
    });
  });

export { describeDoors };
