import { useEffect, useRef, useState } from "preact/hooks";
import type { ShownView, Workspace } from "../src/protocol";
import { slack } from "./slack";
import { useView } from "./use-view";
import { readForm, ViewBlocks } from "./view-blocks";

/** The modal that a person has open, if there is one. */
const OpenModal = ({ workspace, user }: { workspace: Workspace; user: string }) => {
  const view = useView("views", user);
  return view ? <ModalView key={`${view.id} ${view.hash}`} {...{ view, workspace, user }} /> : null;
};

interface Props {
  view: ShownView;
  workspace: Workspace;
  user: string;
}

const ModalView = ({ view, workspace, user }: Props) => {
  const dialog = useRef<HTMLDialogElement>(null);
  /** What the pretend Slack refused, before the app heard of it. */
  const [refusal, setRefusal] = useState<string>();
  /** The view that was submitted, until the app answers. */
  const [submitted, setSubmitted] = useState<ShownView>();
  const isBusy = submitted !== undefined && (view === submitted || (view.errors === undefined && view.problem === undefined));
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const attempt = (command: Promise<unknown>) =>
    void command.then(
      () => setRefusal(undefined),
      (error: Error) => {
        setSubmitted(undefined);
        setRefusal(error.message);
      },
    );
  const close = () => attempt(slack.close({ user, viewId: view.id }));
  const trouble = refusal ?? view.problem;
  return (
    <dialog
      ref={dialog}
      class="slack-modal"
      aria-labelledby="modal-title"
      onCancel={event => {
        // Escape: the app may be told, and answers for what is shown next.
        event.preventDefault();
        close();
      }}
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          setSubmitted(view);
          attempt(slack.submit({ user, viewId: view.id, values: readForm(event.currentTarget, view) }));
        }}
      >
        <h2 id="modal-title">{view.title?.text}</h2>
        <div class="view-blocks">
          <ViewBlocks
            {...{ view, workspace, user }}
            press={(actionId, value) => attempt(slack.click({ user, viewId: view.id, actionId, value }))}
          />
          {trouble === undefined ? null : (
            <p class="field-error" role="alert">
              {trouble}
            </p>
          )}
        </div>
        <p class="modal-buttons">
          <button type="button" onClick={close}>
            {view.close?.text ?? "Cancel"}
          </button>
          {view.submit === null ? null : (
            <button type="submit" disabled={isBusy}>
              {view.submit.text}
            </button>
          )}
        </p>
      </form>
    </dialog>
  );
};

export { OpenModal };
