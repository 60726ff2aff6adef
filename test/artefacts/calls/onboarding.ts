import { expect } from "chai";
import { buildEvent } from "#core/message/event";
import { buildJoined } from "#core/onboarding/person";
import type { CreateCalls } from "../calls";
import { createPipelineChecks } from "../pipelines";

/** Accounts, access and a welcome for new people. */
const createCalls: CreateCalls = artefacts => {
  const { call } = artefacts;
  const { hasExecution } = createPipelineChecks(artefacts);
  const joined = (user: string) => buildJoined({ team: "T0001", user, name: "Ann Lee", kind: "member" });

  /** Opens an account in one system, as when somebody joins. */
  const open = async (system: string, id: string) => {
    const event = { type: "team_join", user: { id, real_name: "Ann Lee" } };
    const { envelope } = buildEvent({ name: "team_join", team: "T0001", key: [id], subject: id, atSeconds: 1763805600, event }, []);
    await call(`onboarding-${system}`, { Records: [{ Sns: { Message: envelope, MessageAttributes: {} } }] });
  };
  const giveAccess = async (task: string, system: string, access: string) => {
    await open(system, `UARTEFACT${system}`);
    expect(await call(`onboarding-${task}`, joined(`UARTEFACT${system}`))).to.deep.equal({ access });
  };
  const welcome = async (task: string, to: string) => {
    expect(await call(`onboarding-${task}`, joined("U0001"))).to.deep.equal({ to });
  };

  return {
    "onboarding-directory": async () => {
      await open("helpdesk", "UARTEFACT1");
      await open("directory", "UARTEFACT1");
      await hasExecution("onboardingStateMachineArn", "UARTEFACT1");
    },
    "onboarding-helpdesk": async () => {
      await open("directory", "UARTEFACT2");
      await open("helpdesk", "UARTEFACT2");
      await hasExecution("onboardingStateMachineArn", "UARTEFACT2");
    },
    "onboarding-directory-access": () => giveAccess("directory-access", "directory", "staff pages"),
    "onboarding-guest-access": () => giveAccess("guest-access", "helpdesk", "own tickets"),
    "onboarding-member-access": () => giveAccess("member-access", "helpdesk", "all tickets"),
    "onboarding-greet": () => welcome("greet", "person"),
    "onboarding-introduce": () => welcome("introduce", "team"),
    "onboarding-report": async () => {
      const { notice } = (await call("onboarding-report", joined("U0001"))) as { notice: { text: string } };
      expect(notice.text).to.equal("Ann Lee is set up as a member.");
    },
    "onboarding-describe-failure": async () => {
      const failure = { directoryAccess: { Error: "NotFound", Cause: '{"errorMessage":"There is no account."}' } };
      const state = { ...joined("U0001"), failure };
      const { text } = (await call("onboarding-describe-failure", { execution: "x", state })) as { text: string };
      expect(text).to.equal("The task directoryAccess failed for the person Ann Lee. There is no account. (NotFound)");
    },
  };
};

export { createCalls };
