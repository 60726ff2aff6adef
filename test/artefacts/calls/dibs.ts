import { expect } from "chai";
import type { Answer, CreateCalls } from "../calls";

/** One call for each function of the turn queues, which shows that it works. */
const createCalls: CreateCalls = ({ laptop, call }) => {
  const say = async (text: string) => ((await (await laptop().command("/dibs", text)).json()) as { text: string }).text;
  const holder = async (name: string) => (await say(`who ${name}`)).split(" until ")[0];

  return {
    "dibs-api": async () => {
      const token = (await say("token")).slice(0, 43);
      const request = {
        rawPath: "/api/resources/artefact/claims",
        rawQueryString: "",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        requestContext: { http: { method: "POST" } },
        body: JSON.stringify({ owner: "artefact", for: "30m" }),
      };

      const { statusCode, body } = (await call("dibs-api", request)) as Answer;

      expect([statusCode, JSON.parse(body)])
        .to.deep.include(201)
        .and.have.nested.property("[1].status", "holding");
      expect(await holder("artefact")).to.equal("`artefact`: artefact");
    },
    interactions: async () => {
      await say("on pressed for 1h");
      const payload = {
        type: "block_actions",
        team: { id: "T0001" },
        user: { id: "U0001" },
        api_app_id: "A0001",
        trigger_id: "artefact.1",
        response_url: `${laptop().endpoints.slack}/actions/T0001/none`,
        actions: [{ type: "button", action_id: "dibs_release", value: JSON.stringify({ name: "pressed", fencing: 1 }) }],
      };
      const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      const headers = { "content-type": "application/x-www-form-urlencoded", ...(await laptop().sign(body)) };

      const answer = await call("interactions", { headers, requestContext: { http: { method: "POST" } }, body, isBase64Encoded: false });

      expect(answer).to.deep.include({ statusCode: 200, body: "" });
      expect(await holder("pressed")).to.equal("`pressed` is free.");
    },
    "dibs-release": async () => {
      await say("on timed for 1h");

      expect(await call("dibs-release", { team: "T0001", name: "timed", leaseId: "of an earlier turn" })).to.equal(null);
      expect(await holder("timed")).to.equal("`timed`: <@U0001>");
    },
  };
};

export { createCalls };
