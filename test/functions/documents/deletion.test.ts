import { expect } from "chai";
import * as sinon from "sinon";
import type { SharedFile } from "#core/documents/shared-file";
import { buildArchivePrefix, type SharingMessage } from "#core/documents/slack-files";
import { FetchFile } from "#functions/documents/fetch-file";
import { Metadata } from "#functions/documents/metadata";
import { ArchiveRemoval } from "#stores/documents/archive-removal";
import type { Share } from "#stores/documents/shares-table";
import { ArchiveRemover } from "#subscribers/archive-remover";
import { Archiver } from "#subscribers/archiver";
import { buildDeletion, buildEnvelope } from "../../subscribers/envelopes";
import { MemoryBucket } from "../memory-bucket";

/** The archiving of one message and its deletion at the same time, each call to a store in every possible place of the other's. */

const picture = { id: "F0001", name: "lunch.png", mimetype: "image/png", size: 70 };
const log = { info: sinon.stub(), debug: sinon.stub(), error: sinon.stub() };

/** The table `shares` in memory. */
class MemoryShares {
  readonly rows = new Map<string, { share?: Share; deleted?: boolean }>();

  async record({ ts }: SharingMessage, share: Share): Promise<boolean> {
    const row = this.row(ts);
    if (row.deleted) return false;
    row.share = share;
    return true;
  }

  async markDeleted({ ts }: SharingMessage): Promise<Share> {
    this.row(ts).deleted = true;
    return this.row(ts).share ?? { files: [], tags: [] };
  }

  async isDeleted({ ts }: SharingMessage): Promise<boolean> {
    return this.row(ts).deleted === true;
  }

  async listShared(): Promise<Set<string>> {
    return new Set([...this.rows.values()].flatMap(({ share, deleted }) => (deleted ? [] : (share?.files ?? []))));
  }

  private row(ts: string) {
    if (!this.rows.has(ts)) this.rows.set(ts, {});
    return this.rows.get(ts)!;
  }
}

/** Rows by tag, in memory. */
class MemoryFiles {
  readonly rows = new Set<string>();

  async put(_: string, tags: readonly string[], { ts, fileId }: { ts: string; fileId: string }): Promise<void> {
    for (const tag of tags) this.rows.add(`${tag} ${ts} ${fileId}`);
  }

  async delete(_: string, tags: readonly string[], { ts, fileId }: { ts: string; fileId: string }): Promise<void> {
    for (const tag of tags) this.rows.delete(`${tag} ${ts} ${fileId}`);
  }
}

/** Lets two actors call stores one after the other, in a planned order. */
class Turns {
  #waiting: { actor: string; go: () => void }[] = [];

  /** The store, whose calls wait for their turn. */
  gate<Store extends object>(actor: string, store: Store): Store {
    return new Proxy(store, {
      get:
        (target, name) =>
        async (...args: unknown[]) => {
          await new Promise<void>(go => this.#waiting.push({ actor, go }));
          return (target as Record<string | symbol, (...args: unknown[]) => unknown>)[name]!(...args);
        },
    });
  }

  /** Runs both to their ends. `plan` names whose turn is next; the other takes it if that one has ended. Returns the turns of the first. */
  async run(actors: Promise<unknown>[], plan: (turns: number) => string): Promise<number> {
    let turns = 0;
    let isOver = false;
    const over = Promise.all(actors).finally(() => (isOver = true));
    for (;;) {
      await new Promise(resolve => setImmediate(resolve));
      if (this.#waiting.length === 0 && isOver) break;
      if (this.#waiting.length === 0) continue;
      const actor = plan(turns);
      const index = Math.max(
        0,
        this.#waiting.findIndex(call => call.actor === actor),
      );
      const [call] = this.#waiting.splice(index, 1);
      if (call!.actor === "archiving") turns += 1;
      call!.go();
    }
    await over;
    return turns;
  }
}

const makeWorld = () => {
  const turns = new Turns();
  const [bucket, files, shares] = [new MemoryBucket(), new MemoryFiles(), new MemoryShares()];
  const partsOf = (actor: string) => {
    const gated = { bucket: turns.gate(actor, withDelete(bucket)), files: turns.gate(actor, files), shares: turns.gate(actor, shares) };
    return { ...gated, removal: new ArchiveRemoval(gated.shares, gated.bucket) };
  };
  const archiving = partsOf("archiving");
  const fetchFile = new FetchFile({
    files: { find: sinon.stub(), download: sinon.stub() },
    archive: archiving.bucket,
    removal: archiving.removal,
    settings: { archiveBucket: "archive", mimeTypes: ["image/png"], maxBytes: 1000, limitSeconds: 5 },
    log,
  });
  sinon.stub(fetchFile, "fetch").callsFake(async ({ team, channel, ts, file }) => {
    const key = `${buildArchivePrefix(team, channel, ts, file.id)}/original`;
    await archiving.bucket.put(key, "picture", { contentType: "image/png" });
    return { key, name: "lunch.png", mimetype: "image/png", sizeBytes: 70, sha256: "00" };
  });
  const metadata = new Metadata(archiving.bucket, archiving.files, archiving.removal);
  const start = async (_: string, shared: SharedFile) => {
    await metadata.handle({ ...shared, fetchFile: await fetchFile.handle(shared) });
    return true;
  };
  const settings = { mimeTypes: ["image/png"] };
  const archiver = new Archiver({ start: start as never }, { publish: async () => {} }, settings, archiving.shares);
  const removing = partsOf("removing");
  const remover = new ArchiveRemover({ ...removing, settings: { archiveDays: 90 }, log });
  return { turns, bucket, files, archiver, remover };
};

const withDelete = (bucket: MemoryBucket) => Object.assign(bucket, { delete: async (key: string) => void bucket.objects.delete(key) });

const message = (ts = "1763805600.000200") => buildEnvelope({ door: "events", text: "lunch #receipt", files: [picture], tokens: [], ts });

describe("deletion of a message", () => {
  it("leaves nothing, wherever its calls come between those of the archiving", async () => {
    const undisturbed = makeWorld();
    const calls = await undisturbed.turns.run([undisturbed.archiver.handle(message())], () => "archiving");
    expect(undisturbed.bucket.keys).to.have.length(2);

    for (let mark = 0; mark <= calls; mark += 1) {
      for (let remove = mark; remove <= calls + 4; remove += 1) {
        const { turns, bucket, files, archiver, remover } = makeWorld();
        let isMarked = false;
        const plan = (taken: number) => {
          if (isMarked ? taken < remove : taken < mark) return "archiving";
          isMarked = true;
          return "removing";
        };
        await turns.run([archiver.handle(message()), remover.handle(buildDeletion())], plan);
        expect([...bucket.keys, ...files.rows], `mark after ${mark} calls, removal after ${remove}`).to.deep.equal([]);
      }
    }
  });

  it("leaves a file that another message shared on the same day, until that is deleted too", async () => {
    const { turns, bucket, files, archiver, remover } = makeWorld();
    const other = "1763805601.000300";
    const inTurn = (work: Promise<unknown>) => turns.run([work], () => "archiving");
    await inTurn(archiver.handle(message()));
    await inTurn(archiver.handle(message(other)));

    await inTurn(remover.handle(buildDeletion()));
    expect(bucket.keys).to.have.length(2);
    expect([...files.rows]).to.deep.equal([`#receipt ${other} F0001`]);

    await inTurn(remover.handle(buildDeletion({ ts: other })));
    expect([...bucket.keys, ...files.rows]).to.deep.equal([]);
  });
});
