import { readFileSync } from "node:fs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { MAX_CLAIMS } from "#core/dibs/queue";
import { createLog } from "#core/log";
import { Api, type ApiRequest } from "#functions/api";
import { buildOpenApi } from "#functions/api/openapi";
import { operationOf } from "#functions/api/operations";
import { answer, PROBLEM } from "#functions/api/problem";
import { findRoute } from "#functions/api/routes";
import type { HttpResponse } from "#functions/door";
import { createDibsWorld, type DibsWorld, TEAM, TOKEN } from "./dibs/world";
import { NOW_MS } from "./requests";

interface Sent {
  method?: string;
  path?: string;
  query?: string;
  body?: unknown;
  headers?: Record<string, string | undefined>;
  token?: string | undefined;
}

const OTHERS_TOKEN = `sf_${"b".repeat(40)}`;
const FOREIGN_TOKEN = `sf_${"c".repeat(40)}`;

/** Fails if openapi.json does not describe the answer. */
const verifyDescribed = ({ rawPath, requestContext }: ApiRequest, { statusCode, body }: HttpResponse) => {
  if (statusCode >= 400) return void PROBLEM.strict().parse(JSON.parse(body));
  const { answers } = operationOf(findRoute(requestContext.http.method, rawPath).action);
  expect(answers).to.have.property(String(statusCode));
  const schema = answers[statusCode]!.schema;
  if (schema === undefined) expect(body).to.equal("");
  else schema.parse(answers[statusCode]!.mediaType === undefined ? JSON.parse(body) : body);
};

const parseBody = ({ headers, body }: HttpResponse): unknown => {
  if (headers["Content-Type"]?.startsWith("text/javascript")) return body;
  return body === "" ? undefined : JSON.parse(body);
};

describe("api", () => {
  let world: DibsWorld;
  let stop: () => Promise<void>;
  let api: Api;
  const createTestApi = (teamId?: string) =>
    new Api({ ...world, settings: { teamId, dibsDefault: null }, log: createLog("test", {}), nowMs: () => world.nowMs });
  beforeEach(async () => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    ({ world, stop } = await createDibsWorld());
    await world.putToken();
    api = createTestApi(TEAM);
  });
  afterEach(async () => {
    sinon.restore();
    await stop();
  });

  const send = async ({ method = "GET", path = "/resources", query = "", body, headers = {}, token = TOKEN }: Sent) => {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const request: ApiRequest = {
      rawPath: `/api${path}`,
      rawQueryString: query,
      requestContext: { http: { method } },
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    };
    const response = await answer(createLog("test", {}), () => api.handle(request));
    verifyDescribed(request, response);
    return {
      status: response.statusCode,
      headers: response.headers,
      // biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes.
      body: parseBody(response) as any,
    };
  };
  const claim = (body?: unknown, over: Sent = {}) => send({ method: "POST", path: "/resources/staging/claims", body, ...over });
  /** Repeats a request that times out on a busy machine, as a pipeline does. */
  const claimUntilTaken = (body: unknown, key: string) =>
    eventually(async () => {
      const answer = await claim(body, { headers: { "idempotency-key": key } });
      return answer.status < 500 ? answer : undefined;
    }, 30_000);
  const read = async (name = "staging") => (await send({ path: `/resources/${name}` })).body;
  const pass = (seconds: number) => {
    world.nowMs = NOW_MS + seconds * 1000;
  };

  describe("claim", () => {
    it("gives a free resource to the first claim, and queues the next one", async () => {
      const first = await claim({ for: "30m", reason: "deploy <1>" });
      const second = await claim({ owner: "ci 7" });

      expect(first.status).to.equal(201);
      expect(first.body).to.have.keys("claimId", "status", "leaseId", "fencing", "expiresAt");
      expect(first.body).to.include({ status: "holding", fencing: 1, expiresAt: new Date(NOW_MS + 1_800_000).toISOString() });
      expect(second).to.deep.include({ status: 202, body: { claimId: second.body.claimId, status: "waiting", position: 1 } });
      expect(await read()).to.deep.equal({
        name: "staging",
        holder: {
          claimId: first.body.claimId,
          owner: "U0001",
          since: new Date(NOW_MS).toISOString(),
          expiresAt: first.body.expiresAt,
          fencing: 1,
          reason: "deploy <1>",
        },
        queue: [
          {
            claimId: second.body.claimId,
            owner: "ci 7",
            position: 1,
            since: new Date(NOW_MS).toISOString(),
            forSeconds: null,
            startsBy: first.body.expiresAt,
          },
        ],
      });
    });

    it("takes one write, and sets a timer for the holder only", async () => {
      world.process.calls = [];
      await claim({ for: "1h" });
      await claim();
      expect(world.process.calls.filter(call => /Update|Put|Transact|Delete/.test(call))).to.deep.equal([
        "UpdateItemCommand",
        // When the token was last used, once a minute.
        "UpdateItemCommand",
        "UpdateItemCommand",
      ]);
      expect(world.timers).to.have.length(1);
      expect(world.timers[0]).to.deep.include({ atMs: NOW_MS + 3_600_000 });
    });

    it("gives simultaneous claims one holder and the queue positions that they were answered with", async () => {
      const answers = await Promise.all(Array.from({ length: 15 }, (_, index) => claimUntilTaken({ owner: `ci ${index}` }, `k${index}`)));
      const { holder, queue } = await read();

      expect(answers.filter(({ status }) => status === 201).map(({ body }) => body.claimId)).to.deep.equal([holder.claimId]);
      const told = answers.filter(({ status }) => status === 202).sort((a, b) => a.body.position - b.body.position);
      expect(told.map(({ body }) => body.position)).to.deep.equal(Array.from({ length: 14 }, (_, index) => index + 1));
      expect(queue.map(({ claimId }: { claimId: string }) => claimId)).to.deep.equal(told.map(({ body }) => body.claimId));
    });

    it("refuses a claim when the queue is full", async () => {
      for (const owner of ["ci 1", "ci 2"]) await claim({ owner });
      const queue = (await world.dibs.look({ team: TEAM, name: "staging" }, new Deadline(5000)))!;
      const [holding, waiting] = queue.claims;
      const line = Array.from({ length: MAX_CLAIMS - 2 }, (_, index) => ({ ...waiting!, id: `c${index}`, owner: `many ${index}` }));
      const almost = { ...queue, claims: [holding!, ...line], version: queue.version + 1 };
      expect(await world.table.put(almost, new Deadline(5000))).to.equal(true);

      expect((await claim()).status).to.equal(202);
      expect((await claim()).body).to.include({ status: 409, code: "Conflict" });
    });

    it("ignores the case of names", async () => {
      await claim(undefined, { path: "/resources/Staging/claims" });
      expect((await claim()).status).to.equal(202);
    });

    it("waits for its turn if asked to", async () => {
      const first = await claim();
      const second = claim({ wait: 20 });
      await send({ method: "DELETE", path: `/claims/${first.body.claimId}` });
      expect((await second).body).to.include({ status: "holding", fencing: 2 });
    });

    it("in an approve-only team, refuses a resource that nobody added", async () => {
      await world.dibs.setApproveOnly(TEAM, true, new Deadline(5000));
      expect((await claim()).status).to.equal(404);
      await world.dibs.add({ team: TEAM, name: "staging" }, new Deadline(5000));
      expect((await claim()).status).to.equal(201);
    });

    const refused: [title: string, status: number, over: Sent][] = [
      ["an unknown field", 400, { body: { fro: "30m" } }],
      ["__proto__", 400, { body: '{"__proto__": {}}' }],
      ["a negative time", 400, { body: { for: "-1 hours" } }],
      ["400 days", 400, { body: { for: "400 days" } }],
      ["a time that is a list", 400, { body: { for: ["30m"] } }],
      ["half a second", 400, { body: { for: 0.5 } }],
      ["an owner that is a number", 400, { body: { owner: 5 } }],
      ["an empty owner", 400, { body: { owner: " \n" } }],
      ["an owner of 101 characters", 400, { body: { owner: "x".repeat(101) } }],
      ["a reason of 201 characters", 400, { body: { reason: "x".repeat(201) } }],
      ["a wait of 26 s", 400, { body: { wait: 26 } }],
      ["a wait that is text", 400, { body: { wait: "5" } }],
      ["null", 400, { body: "null" }],
      ["no JSON", 400, { body: "{" }],
      ["a parameter", 400, { query: "for=30m" }],
      ["a name with a hash", 400, { path: "/resources/a%23b/claims" }],
      ["a name of 300 characters", 400, { path: `/resources/${"a".repeat(300)}/claims` }],
      ["a mention for a name", 400, { path: "/resources/%3C@U0001%3E/claims" }],
      ["another type", 415, { body: "for=30m", headers: { "content-type": "application/x-www-form-urlencoded" } }],
      ["more than 1 MB", 413, { body: `"${"x".repeat(1024 * 1024)}"` }],
      ["an idempotency key of 256 characters", 400, { headers: { "idempotency-key": "x".repeat(256) } }],
    ];
    for (const [title, status, over] of refused) {
      it(`refuses ${title} with ${status}, and writes nothing`, async () => {
        const { headers, body } = await claim(undefined, over);
        expect(body).to.include({ status, type: "about:blank" });
        expect(headers["Content-Type"]).to.equal("application/problem+json; charset=utf-8");
        expect((await send({})).body).to.deep.equal({ resources: [] });
      });
    }
  });

  describe("idempotency key", () => {
    const key = { headers: { "idempotency-key": "run 7" } };

    it("makes one claim for many requests", async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => claim({ for: "30m" }, key)));
      expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body])))).to.have.property("size", 1);
      expect((await read()).queue).to.deep.equal([]);
    });

    it("answers with the state of the claim, even after it has ended and left the queue", async () => {
      const { body } = await claim({ for: "30m" }, key);
      await send({ method: "DELETE", path: `/claims/${body.claimId}` });
      expect((await claim({ for: "30m" }, key)).body).to.deep.include({ claimId: body.claimId, status: "released" });
      // Long after, the queue itself has forgotten it.
      pass(3600);
      await claim({ for: "1m" });
      expect(await claim({ for: "30m" }, key)).to.deep.include({ status: 200 });
      expect((await read()).queue).to.deep.equal([]);
    });

    it("refuses the same key with another body", async () => {
      await claim({ for: "30m" }, key);
      expect(await claim({ for: "31m" }, key)).to.have.property("status", 422);
      expect((await read()).queue).to.deep.equal([]);
    });
  });

  describe("token", () => {
    beforeEach(async () => {
      await world.putToken("U0002", OTHERS_TOKEN);
      await world.putToken("U0003", FOREIGN_TOKEN, "T0002");
    });

    const refused: [title: string, status: number, over: Sent][] = [
      ["none", 401, { token: "" }],
      ["one that is unknown", 401, { token: `sf_${"z".repeat(40)}` }],
      ["one of another form", 401, { token: "xoxb-1" }],
      ["one in the query", 401, { token: "", query: `token=${TOKEN}` }],
      ["another scheme", 401, { token: "", headers: { authorization: `Basic ${TOKEN}` } }],
      ["another team's", 403, { token: FOREIGN_TOKEN }],
    ];
    for (const [title, status, over] of refused) {
      it(`refuses ${title}`, async () => {
        const { body } = await claim({}, over);
        expect(body).to.include({ status });
        if (status === 401) expect(body).not.to.have.property("detail");
        expect((await send({})).body).to.deep.equal({ resources: [] });
      });
    }

    it("refuses an expired token", async () => {
      pass(366 * 86_400);
      expect((await claim()).status).to.equal(401);
    });

    it("refuses a token as soon as it is revoked", async () => {
      expect((await claim({ owner: "first" })).status).to.equal(201);
      const [token] = await world.tokens.list(TEAM, "U0001", new Deadline(5000));
      await world.tokens.revoke(token!.hash, NOW_MS, new Deadline(5000));
      expect((await claim({ owner: "second" })).status).to.equal(401);
      expect((await send({ path: "/resources/staging", token: OTHERS_TOKEN })).body.queue).to.deep.equal([]);
    });

    it("records a token's last use once a minute, and never restores a revoked token", async () => {
      await send({});
      pass(30);
      await send({});
      const [token] = await world.tokens.list(TEAM, "U0001", new Deadline(5000));
      expect(token).to.have.property("lastUsedAtMs", NOW_MS);
      await world.tokens.revoke(token!.hash, NOW_MS, new Deadline(5000));
      await world.tokens.touch(token!, NOW_MS + 120_000, new Deadline(5000));
      expect(await world.tokens.list(TEAM, "U0001", new Deadline(5000))).to.deep.equal([]);
    });

    it("hides our claims and resources from another team's token", async () => {
      const { body } = await claim();
      api = createTestApi();
      expect(await send({ path: `/claims/${body.claimId}`, token: FOREIGN_TOKEN })).to.have.property("status", 403);
      expect(await send({ path: "/resources/staging", token: FOREIGN_TOKEN })).to.have.property("status", 404);
    });

    it("hides the lease from other people, who can release the claim only with it", async () => {
      const { body } = await claim();
      const path = `/claims/${body.claimId}`;
      expect((await send({ path, token: OTHERS_TOKEN })).body)
        .to.include({ status: "holding" })
        .and.not.to.have.property("leaseId");
      expect(await send({ method: "DELETE", path, token: OTHERS_TOKEN })).to.have.property("status", 403);
      expect(await send({ method: "DELETE", path, token: OTHERS_TOKEN, query: `leaseId=${body.leaseId}` })).to.have.property("status", 204);
    });
  });

  describe("release", () => {
    it("gives the next claim the turn, with a new lease and a higher fencing number", async () => {
      const [first, second] = [await claim(), await claim({ owner: "U0002" })];
      const path = `/claims/${first.body.claimId}`;
      expect(await send({ method: "DELETE", path, query: `leaseId=${first.body.leaseId}` })).to.deep.include({
        status: 204,
        body: undefined,
      });
      const now = (await send({ path: `/claims/${second.body.claimId}` })).body;
      expect(now).to.include({ status: "holding", fencing: 2 });
      expect(now.leaseId).not.to.equal(first.body.leaseId);
      expect(world.told).to.deep.equal([["U0002", "Your turn: staging"]]);
    });

    it("succeeds when it is repeated", async () => {
      const { body } = await claim();
      const asked = { method: "DELETE", path: `/claims/${body.claimId}`, query: `leaseId=${body.leaseId}` };
      expect([(await send(asked)).status, (await send(asked)).status]).to.deep.equal([204, 204]);
    });

    it("refuses a stale lease", async () => {
      const [first, second] = [await claim({ for: "1m" }), await claim()];
      const stale = `leaseId=${first.body.leaseId}`;
      pass(61);
      expect(await send({ method: "DELETE", path: `/claims/${first.body.claimId}`, query: stale })).to.have.property("status", 409);
      expect(await send({ method: "DELETE", path: `/claims/${second.body.claimId}`, query: stale })).to.have.property("status", 409);
      expect((await read()).holder.claimId).to.equal(second.body.claimId);
    });
  });

  it("does not claim again for the idempotency key of an ended claim, even if the resource was renamed", async () => {
    const again = () => claim({ for: "1h" }, { headers: { "idempotency-key": "k" } });
    const { claimId, leaseId } = (await again()).body;
    await world.dibs.rename({ team: TEAM, name: "staging" }, "stage-1", new Deadline(5000));
    expect(await send({ method: "DELETE", path: `/claims/${claimId}`, query: `leaseId=${leaseId}` })).to.have.property("status", 204);
    pass(86_400);
    await claim({ owner: "ci 7", for: "1s" });
    pass(2 * 86_400);
    expect(await again())
      .to.deep.include({ status: 200 })
      .and.have.nested.property("body.status", "released");
    expect((await read("stage-1")).holder).to.equal(null);
  });

  describe("an open turn", () => {
    const turn = async () => (await read()).holder.expiresAt;

    it("has no end, so waiting claims have no estimated start", async () => {
      const first = (await claim({ for: "open" })).body;
      expect(first).to.include({ status: "holding", expiresAt: null });
      expect((await claim({ owner: "ci 7" })).body).to.include({ status: "waiting", position: 1 });
      expect((await read()).queue[0]).to.include({ forSeconds: null, startsBy: null });
      expect(world.timers).to.deep.equal([]);
      pass(40 * 86_400);
      expect(await turn()).to.equal(null);
    });

    it("ends when the holder's heartbeats stop", async () => {
      await claim({ for: "open", deadAfter: 60 });
      await claim({ owner: "ci 7" });
      pass(61);
      expect((await read()).holder).to.include({ owner: "ci 7", expiresAt: null });
    });
  });

  describe("PATCH", () => {
    const ends = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();
    const change = (claimId: string, body: unknown, over: Sent = {}) =>
      send({ method: "PATCH", path: `/claims/${claimId}`, body, ...over });

    it("changes when a turn ends, with its timer, and makes a turn open", async () => {
      const { claimId, leaseId } = (await claim({ for: "1h" })).body;
      pass(60);
      expect(await change(claimId, { for: "10m", leaseId }))
        .to.deep.include({ status: 200 })
        .and.have.nested.property("body.expiresAt", ends(660));
      expect(world.timers.map(({ atMs }) => atMs)).to.deep.equal([NOW_MS + 3_600_000, NOW_MS + 660_000]);
      expect((await change(claimId, { for: "open", leaseId })).body).to.include({ status: "holding", leaseId, expiresAt: null });

      pass(3601);
      await world.dibs.release({ team: TEAM, name: "staging" }, leaseId, new Deadline(5000));
      expect((await read()).holder).to.include({ claimId, expiresAt: null });
      expect((await change(claimId, { for: 60, leaseId })).body.expiresAt).to.equal(ends(3661));
      pass(3661);
      expect((await read()).holder).to.equal(null);
    });

    it("does not extend the turn again when repeated with the same key, and refuses the key with another body", async () => {
      const { claimId, leaseId } = (await claim()).body;
      const headers = { "idempotency-key": "k" };
      await change(claimId, { for: "10m", leaseId }, { headers });
      pass(60);
      expect((await change(claimId, { for: "10m", leaseId }, { headers })).body.expiresAt).to.equal(ends(600));
      expect((await change(claimId, { for: "11m", leaseId }, { headers })).body).to.include({ status: 422, code: "KeyReused" });
    });

    it("requires the lease of the current turn", async () => {
      const { claimId, leaseId } = (await claim()).body;
      const waiting = (await claim({ owner: "ci 7" })).body;
      expect(await change(claimId, { for: "1h", leaseId: "stale" })).to.have.property("status", 409);
      expect(await change(waiting.claimId, { for: "1h", leaseId })).to.have.property("status", 409);
      for (const body of [{ leaseId }, { for: "1h" }, { for: "0s", leaseId }, { for: null, leaseId }, { for: "1h", leaseId, x: 1 }, "[]"])
        expect(await change(claimId, body), JSON.stringify(body)).to.have.property("status", 400);
      expect(await change("nothing", { for: "1h", leaseId })).to.have.property("status", 404);
      expect(await turnOf()).to.equal(null);
      await send({ method: "DELETE", path: `/claims/${claimId}` });
      expect(await change(claimId, { for: "1h", leaseId })).to.have.property("status", 409);
    });
    const turnOf = async () => (await read()).holder.expiresAt;
  });

  describe("heartbeat", () => {
    it("is refused from a person who neither made the claim nor has its lease", async () => {
      await world.putToken("U0002", OTHERS_TOKEN);
      const { claimId, leaseId } = (await claim({ deadAfter: 60 })).body;
      const beat = (query = "") => send({ method: "PUT", path: `/claims/${claimId}/heartbeat`, query, token: OTHERS_TOKEN });
      pass(50);
      expect(await beat()).to.have.property("status", 403);
      expect(await beat("leaseId=stale")).to.have.property("status", 409);
      pass(59);
      expect(await beat(`leaseId=${leaseId}`)).to.have.property("status", 200);
      pass(118);
      expect((await read()).holder).to.include({ claimId });
    });

    it("keeps a claim alive, which ends without heartbeats", async () => {
      const { body } = await claim({ deadAfter: 60 });
      const path = `/claims/${body.claimId}`;
      pass(50);
      expect(await send({ method: "PUT", path: `${path}/heartbeat` })).to.have.property("status", 200);
      pass(100);
      expect((await send({ path })).body).to.include({ status: "holding" });
      pass(111);
      expect((await send({ path })).body).to.include({ status: "dead" });
      expect(await send({ method: "PUT", path: `${path}/heartbeat` })).to.have.property("status", 409);
    });
  });

  describe("lists", () => {
    it("come in pages", async () => {
      for (const name of ["a", "b", "c"]) await claim(undefined, { path: `/resources/${name}/claims` });
      const first = (await send({ query: "limit=2" })).body;
      expect(first.resources.map(({ name }: { name: string }) => name)).to.deep.equal(["a", "b"]);
      const second = (await send({ query: `limit=2&cursor=${first.nextCursor}` })).body;
      expect(second.resources.map(({ name }: { name: string }) => name)).to.deep.equal(["c"]);
      expect(second).not.to.have.property("nextCursor");
    });

    it("show ended claims, the latest first", async () => {
      for (const owner of ["ci 1", "ci 2"]) {
        const { body } = await claim({ owner });
        await send({ method: "DELETE", path: `/claims/${body.claimId}` });
        pass(10);
      }
      const { claims } = (await send({ path: "/resources/staging/history" })).body;
      expect(claims.map(({ owner, status, fencing }: Record<string, unknown>) => [owner, status, fencing])).to.deep.equal([
        ["ci 2", "released", 2],
        ["ci 1", "released", 1],
      ]);
    });

    for (const query of ["limit=0", "page=2", "cursor=YQ.AAAAAAAAAAAAAAAA"]) {
      it(`refuse ${query}`, async () => expect(await send({ query })).to.have.property("status", 400));
    }
  });

  describe("routes", () => {
    for (const path of [
      "/nothing",
      "/resources/nothing",
      "/claims/nothing",
      "/claims/VDAwMDEvc3RhZ2luZw.AAAAAAAAAAAAAAAA",
      "/resources/nothing/history",
    ]) {
      it(`find no ${path}`, async () => expect((await send({ path })).body).to.include({ status: 404 }));
    }

    for (const [path, name] of [
      ["feature%2Ffoo", "feature/foo"],
      ["a%5Cb", "a\\b"],
      ["a%20b", "a b"],
      ["all", "all"],
    ]) {
      it(`refuse the name ${name} with the rule for names`, async () => {
        const claimed = await send({ method: "POST", path: `/resources/${path}/claims` });
        const looked = await send({ path: `/resources/${path}` });
        expect([claimed.status, looked.status]).to.deep.equal([400, 404]);
        for (const { body } of [claimed, looked]) expect(body.detail).to.include(`"${name}"`).and.match(/name/);
      });
    }

    it("name the allowed methods", async () => {
      const { status, headers } = await send({ method: "POST", path: "/claims/x" });
      expect([status, headers["Allow"]]).to.deep.equal([405, "GET, DELETE, PATCH"]);
    });

    it("serve the command to anybody, as it is in the repository", async () => {
      const { status, headers, body } = await send({ path: "/cli", token: "" });
      expect(status).to.equal(200);
      expect(headers).to.include({ "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "public, max-age=300" });
      expect(body).to.equal(readFileSync("packages/dibs-cli/slack-fanout.mjs", "utf8"));
      expect((await send({ path: "/cli", query: "x=1", token: "" })).status).to.equal(400);
      expect((await send({ path: "/cli", method: "POST", token: "" })).status).to.equal(401);
    });

    it("serve openapi.json, whose server URL is relative to it", async () => {
      const { body } = await send({ path: "/openapi.json" });
      expect(body).to.deep.equal(JSON.parse(JSON.stringify(buildOpenApi())));
      const [server] = body.servers;
      expect(String(new URL(server.url, "https://example.com/stage/api/openapi.json"))).to.equal("https://example.com/stage/api");
    });
  });

  it("answers 503 when nothing can be made durable", async () => {
    sinon.stub(world.table, "join").rejects(new Error("down"));
    expect((await claim()).body).to.include({ status: 503, code: "NotDurable" });
  });
});
