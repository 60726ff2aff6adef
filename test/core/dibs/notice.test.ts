import { expect } from "chai";
import { buildDibsNotice } from "#core/dibs/notice";
import type { NewsEntry } from "#core/dibs/queue";

const NOW_MS = Date.UTC(2025, 10, 22, 10, 0);

describe("dibs-notice", () => {
  const build = (over: Partial<NewsEntry>) =>
    buildDibsNotice({ team: "T0001", name: "staging" }, "entry-1", { kind: "news", news: "free", user: "U0002", atMs: NOW_MS, ...over });
  const actionsOf = (notice: ReturnType<typeof build>) => {
    const [, row] = notice.blocks as [unknown, { elements: { action_id: string }[] }?];
    return row?.elements.map(({ action_id }) => action_id) ?? [];
  };

  it("is one message to one user, however often its entry is sent", () => {
    const notice = build({ news: "turn", fencing: 2, expiresAtMs: NOW_MS + 3_600_000 });
    expect(notice).to.include({ id: "dibs-entry-1", team: "T0001", user: "U0002", outcome: "success", title: "Your turn: staging" });
    expect(notice.text).to.equal("It is your turn: you have dibs on staging until 11:00 UTC (up to a minute late).");
  });

  const sentences: [over: Partial<NewsEntry>, text: string, actions: string[]][] = [
    [{ news: "warning", expiresAtMs: NOW_MS + 600_000 }, "ends at 10:10 UTC", ["dibs_release", "dibs_extend"]],
    [{ news: "expired" }, "Your time on staging is over.", []],
    [{ news: "missed", expiresAtMs: NOW_MS }, "You are no longer in the queue.", []],
    [{ news: "kicked", by: "U0001" }, "U0001 removed you from the queue for staging.", []],
    [{ news: "overtaken", by: "U0001", reason: "a hotfix" }, "U0001 goes ahead of you in the queue for staging: a hotfix.", []],
    [{ news: "free" }, "staging is free now.", ["dibs_join"]],
  ];
  for (const [over, text, actions] of sentences) {
    it(`says ${over.news}`, () => {
      const notice = build(over);
      expect(notice.text).to.include(text);
      expect(actionsOf(notice)).to.deep.equal(actions);
    });
  }

  it("mentions users in Slack, except in a reason", () => {
    const [section] = build({ news: "overtaken", by: "U0001", reason: "<!channel>" }).blocks as [{ text: { text: string } }];
    expect(section.text.text).to.equal("<@U0001> goes ahead of you in the queue for `staging`: &lt;!channel&gt;.");
  });
});
