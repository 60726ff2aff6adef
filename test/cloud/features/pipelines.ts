import { createHash } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Mail } from "@slack-fanout/laptop-cloud/services/mail";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type LaptopProcess, postOf } from "../laptop-process";

/** The program's own functions on the laptop cloud: an upload or a shared file in, objects, mail and Slack messages out. */

const HEADER = "employee_id,name,hours,hourly_rate,overtime_hours,tax_rate";
const picture = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

interface SlackMessage {
  ts: string;
  user?: string;
  text: string;
  thread_ts?: string;
  metadata?: { event_payload: { id: string } };
}

const describePipelines = (laptop: LaptopProcess) =>
  describe("pipelines on the laptop cloud", () => {
    let s3: S3Client;
    let sfn: SFNClient;

    before(async () => {
      s3 = new S3Client(laptop.client);
      sfn = new SFNClient(laptop.client);
      await confirmMails();
    });

    after(async () => {
      s3.destroy();
      sfn.destroy();
    });

    const output = (name: string) => laptop.endpoints.outputs[name] as string;
    const readMails = async () => (await (await fetch(laptop.endpoints.mail)).json()) as Mail[];
    const keysOf = async (bucket: string, Prefix: string) =>
      ((await s3.send(new ListObjectsV2Command({ Bucket: output(bucket), Prefix }))).Contents ?? []).map(({ Key }) => Key!).sort();
    const read = async (bucket: string, Key: string) =>
      (await s3.send(new GetObjectCommand({ Bucket: output(bucket), Key }))).Body!.transformToString();
    const upload = (Key: string, Body: string | Buffer) => s3.send(new PutObjectCommand({ Bucket: output("rawDataBucket"), Key, Body }));

    /** Follows the links by which both addresses confirm their subscriptions. */
    async function confirmMails() {
      const mails = await eventually(async () => {
        const invitations = (await readMails()).filter(({ subject }) => subject.includes("Subscription Confirmation"));
        return invitations.length >= 2 && invitations;
      });
      for (const { links } of mails) expect((await fetch(links[0]!)).ok).to.equal(true);
    }

    /** Moves the laptop's time past visibility timeouts and the waits before retries. */
    const advance = (advanceSeconds: number) =>
      fetch(`${laptop.endpoints.page}/control/clock`, {
        method: "POST",
        body: JSON.stringify({ advanceSeconds }),
        headers: { "content-type": "application/json" },
      });

    const findMail = (to: string, part: string) =>
      eventually(async () => (await readMails()).find(({ to: recipient, body }) => recipient === to && body.includes(part)), 60_000);

    const slackApi = async (method: string, args: Record<string, string>) => {
      const response = await fetch(`${laptop.endpoints.slack}/api/${method}`, {
        method: "POST",
        headers: { authorization: "Bearer xoxb-local-bot-token" },
        body: new URLSearchParams(args),
      });
      return (await response.json()) as { ok: boolean; messages: SlackMessage[] };
    };

    /** Finds what was said in C0001, or in one of its threads; the notifier waits for its turn in a channel. */
    const findPost = (part: string, threadTs?: string) =>
      eventually(async () => {
        const { messages } =
          threadTs === undefined
            ? await slackApi("conversations.history", { channel: "C0001", limit: "200" })
            : await slackApi("conversations.replies", { channel: "C0001", ts: threadTs, limit: "200" });
        const found = messages.find(({ text }) => text.includes(part));
        if (found === undefined) await advance(1);
        return found;
      }, 60_000);

    const endOf = (machine: string, part: string) =>
      eventually(async () => {
        const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: output(machine) }));
        for (const { executionArn } of executions) {
          const { input = "", status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
          if (input.includes(part) && status !== "RUNNING") return status;
        }
        return undefined;
      }, 60_000);

    describe("payroll", () => {
      it("makes paystubs and a report from an upload, and reports success", async () => {
        await upload("march.csv", `${HEADER}\nE1,Ann Lee,160,25.50,10,0.2\nE2,"O'Neil, Bob",80.25,30,,\n`);

        expect(await endOf("payrollStateMachineArn", "march.csv")).to.equal("SUCCEEDED");
        expect(await keysOf("paystubsBucket", "march/")).to.deep.equal(["march/E1.pdf", "march/E2.pdf", "march/rollup.csv"]);
        expect(await keysOf("reportsBucket", "march/")).to.deep.equal(["march/report.html", "march/report.json"]);
        expect(JSON.parse(await read("reportsBucket", "march/report.json"))).to.include({
          employees: 2,
          grossCents: 687_000,
          netCents: 597_750,
        });
        expect(await read("paystubsBucket", "march/E1.pdf")).to.match(/^%PDF-/);
        const mail = await findMail("team@example.com", "march.csv");
        expect(mail.body).to.contain("Payroll process complete. The file march.csv: 2 employees, gross 6,870.00 USD, net 5,977.50 USD.");
        expect((await findPost("march.csv")).text).to.contain("Payroll process complete");
      });

      it("says exactly what is wrong with an upload, and stores nothing of it", async () => {
        await upload("april.csv", `${HEADER}\nE1,Ann Lee,160,25.50,10,0.2\nE2,Bob,"1,5",30,,\n`);

        expect(await endOf("payrollStateMachineArn", "april.csv")).to.equal("FAILED");
        const mail = await findMail("oncall@example.com", "april.csv");
        expect(mail.subject).to.equal("[ERROR]: Task failed");
        expect(mail.body).to.contain(
          'The task processData failed for the file april.csv. Row 3, column hours: found "1,5", but hours must be from 0 to 999.99',
        );
        expect((await findPost("april.csv")).text).to.contain("Row 3, column hours");
        for (const bucket of ["processedDataBucket", "paystubsBucket", "reportsBucket"]) {
          expect(await keysOf(bucket, "april/"), bucket).to.deep.equal([]);
        }
      });

      it("accepts a file of any name, keeps results in their own folder, and shows the name without invisible characters", async () => {
        await upload("../../etc/may\u202Evsc\u0000.csv", `${HEADER}\nE1,Ann Lee,160,.5,,\n,,,,,\n`);

        const mail = await findMail("team@example.com", "may");
        expect(mail.body).to.contain("The file ../../etc/mayvsc.csv: 1 employee");
        expect(await keysOf("paystubsBucket", "../")).to.deep.equal([]);
        const made = [...(await keysOf("paystubsBucket", "upload-")), ...(await keysOf("reportsBucket", "upload-"))];
        expect(made.map(key => key.replace(/^upload-[0-9a-f]{64}/, ""))).to.deep.equal([
          "/E1.pdf",
          "/rollup.csv",
          "/report.html",
          "/report.json",
        ]);
      });

      it("raises an alarm for an aborted run, and none for a failure that a notice reported", async () => {
        const upload = { about: { file: "june.csv" }, key: "june.csv", eTag: "x", uploadedAt: "2026-06-30T10:00:00.000Z", run: "june" };
        // There is no such file, so a run that is stopped too late fails by itself, and the next run is stopped.
        await eventually(async () => {
          const { executionArn } = await sfn.send(
            new StartExecutionCommand({ stateMachineArn: output("payrollStateMachineArn"), input: JSON.stringify(upload) }),
          );
          await sfn.send(new StopExecutionCommand({ executionArn }));
          return (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === "ABORTED";
        });

        const alarms = await eventually(async () => {
          await advance(60);
          // A slow machine may raise alarms of the doors; this is about the pipeline's.
          const mails = (await readMails()).filter(({ subject }) => subject.startsWith('ALARM: "payroll'));
          return mails.length > 0 && mails;
        });
        expect(new Set(alarms.map(({ body }) => /were aborted|failed/.exec(body)?.[0]))).to.deep.equal(new Set(["were aborted"]));
      });
    });

    describe("onboarding", () => {
      it("reports a person who can't be given access, in words", async () => {
        const person = { team: "T0001", user: "U0999", name: "Zed", kind: "guest" };
        const input = JSON.stringify({ about: { person: "Zed" }, person });
        await sfn.send(new StartExecutionCommand({ stateMachineArn: output("onboardingStateMachineArn"), input }));

        const sentence =
          "The task directoryAccess failed for the person Zed. Zed (U0999) has no account in the system directory. (NotFound)";
        expect((await findMail("oncall@example.com", "Zed")).body).to.contain(sentence);
        expect((await findPost("Zed")).text).to.contain(sentence);
      });
    });

    describe("file archive", () => {
      const say = async (text: string, files: { name: string; mimetype: string; base64: string }[]) => {
        const response = await fetch(`${laptop.endpoints.slack}/say`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ user: "U0001", channel: "C0001", text, files }),
        });
        return ((await response.json()) as { ts: string }).ts;
      };
      const lunch = { name: "lunch.png", mimetype: "image/png", base64: picture.toString("base64") };

      it("keeps a picture with its hashtags, and says so in the thread", async () => {
        const ts = await say("lunch #receipt #food", [lunch]);

        const reply = await findPost("lunch.png", ts);
        expect(reply.text).to.contain("is archived (image/png, 16 bytes)");
        const day = new Date(Number(ts) * 1000).toISOString().slice(0, 10);
        const keys = await keysOf("archiveBucket", `T0001/C0001/${day}/`);
        const original = keys.find(key => key.endsWith("/original"))!;
        const metadata = keys.find(key => key.endsWith("/metadata.json"))!;
        expect(original).to.match(/^T0001\/C0001\/[\d-]{10}\/F[A-Z0-9]+\/original$/);
        const head = await s3.send(new HeadObjectCommand({ Bucket: output("archiveBucket"), Key: original }));
        expect([head.ContentType, head.ContentLength, head.Metadata?.["name"]]).to.deep.equal(["image/png", 16, "lunch.png"]);
        expect(JSON.parse(await read("archiveBucket", metadata))).to.deep.include({
          eventId: `T0001-C0001-${ts}-events`,
          tags: ["#receipt", "#food"],
          user: "U0001",
          size: 16,
          sha256: createHash("sha256").update(picture).digest("hex"),
        });
        await findMail("team@example.com", "lunch.png");
      });

      it("reports a type that is not archived", async () => {
        const ts = await say("look", [{ ...lunch, name: "<!channel>.mp4", mimetype: "video/mp4" }]);

        const reply = await findPost(".mp4", ts);
        expect(reply.text).to.contain("&lt;!channel&gt;.mp4").and.contain("which is not archived. Supported: image/png");
        await findMail("oncall@example.com", ".mp4");
      });

      describe("of a deleted message", () => {
        const remove = (ts: string) => fetch(`${laptop.endpoints.slack}/delete`, postOf({ user: "U0001", channel: "C0001", ts }));
        const foundBy = async (tag: string) => (await (await laptop.command("/archive", tag)).json()) as { text: string };
        /** Waits until nothing of a file is left: neither an object nor what `/archive` lists. */
        const isGone = (before: string[], tag: string) =>
          laptop.settles(async () => {
            expect(await keysOf("archiveBucket", "")).to.deep.equal(before);
            expect((await foundBy(tag)).text).not.to.contain(".png");
            return true;
          });

        it("removes a file that was archived", async () => {
          const before = await keysOf("archiveBucket", "");
          const ts = await say("oh no #regret", [{ ...lunch, name: "regret.png" }]);
          await findPost("regret.png", ts);
          await eventually(async () => (await foundBy("#regret")).text.includes("regret.png"));

          expect((await remove(ts)).status).to.equal(200);

          await isGone(before, "#regret");
        });

        it("leaves nothing of a file that is being archived", async () => {
          const before = await keysOf("archiveBucket", "");
          // The file is stored, and the attempt fails.
          await laptop.control("weather", { kill: { function: "documents-fetch-file", call: 2, when: "after" } });
          const ts = await say("oops #haste", [{ ...lunch, name: "haste.png" }]);
          await eventually(async () => ((await laptop.control("weather")) as { kill: unknown }).kill === null);

          expect((await remove(ts)).status).to.equal(200);

          expect(await endOf("documentsStateMachineArn", "haste.png")).to.equal("SUCCEEDED");
          await isGone(before, "#haste");
        });
      });
    });
  });

export { describePipelines };
