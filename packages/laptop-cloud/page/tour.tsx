/** The first minute: a sentence on what the program is, and buttons that show what it does. */
import { useState } from "preact/hooks";
import { control, type Program } from "./control";
import { usePage } from "./page-context";
import { useRemembered } from "./use-remembered";
import "./tour.css";

/** What a step of the tour can use. */
interface TourContext {
  program: Program;
  /** Shows a sentence on what the step does now, and resolves when it has been shown long enough to be read. */
  tell(sentence: string): Promise<void>;
  /** Shows a trace while it grows, and lights its path in the diagram. */
  follow(trace: string): void;
}

interface TourStep {
  label: string;
  /** What the step shows. */
  sentence: string;
  /** Components that the diagram opens to show what the step follows. */
  groups: string[];
  /** Does it, and resolves with a sentence on what happened. Throws an `Error` with a sentence if it can't. */
  run(context: TourContext): Promise<string>;
}

interface Tour {
  /** What the program is. */
  sentence: string;
  steps: TourStep[];
}

/** A sentence is shown at least this long. */
const READ_MS = 1200;

interface Told {
  label: string;
  sentence: string;
  state: "running" | "done" | "failed";
}

interface Props {
  tour: Tour;
  onDismiss(): void;
}

const TourBar = ({ tour, onDismiss }: Props) => {
  const { followTrace } = usePage();
  const [told, setTold] = useState<Told>();
  const isRunning = told?.state === "running";
  const run = async ({ label, groups, run: runStep }: TourStep) => {
    const say = (sentence: string, state: Told["state"]) => setTold({ label, sentence, state });
    const tell = (sentence: string) => {
      say(sentence, "running");
      return new Promise<void>(resolve => setTimeout(resolve, READ_MS));
    };
    setTold({ label, sentence: "", state: "running" });
    try {
      // Read now, since somebody may press a button before the page has drawn the program.
      const program = await control.readProgram();
      say(await runStep({ program, tell, follow: trace => followTrace(trace, groups) }), "done");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), "failed");
    }
  };
  return (
    <section class="tour" aria-label="First minute">
      <p>{tour.sentence}</p>
      <div class="tour-steps">
        {tour.steps.map(step => (
          // A disabled button would lose the focus.
          <button
            type="button"
            key={step.label}
            class={isRunning && told.label === step.label ? "running" : ""}
            title={step.sentence}
            aria-disabled={isRunning}
            onClick={() => isRunning || void run(step)}
          >
            {step.label}
          </button>
        ))}
      </div>
      <button type="button" class="quiet dismiss" aria-label="Dismiss the first minute" title="Dismiss" onClick={onDismiss}>
        ×
      </button>
      {/* Exists before it speaks, so that screen readers hear the first sentence too. */}
      <p class={`told ${told?.state ?? ""}`} role="status">
        {told === undefined ? null : (
          <>
            <b>{told.label}:</b> {told.sentence}
          </>
        )}
      </p>
    </section>
  );
};

/** Whether the tour is shown; remembered by the browser. */
const useTourShown = (): [isShown: boolean, show: (isShown: boolean) => void] => {
  const [isDismissed, remember] = useRemembered("tour-dismissed", 0);
  return [isDismissed === 0, isShown => remember(isShown ? 0 : 1)];
};

export type { Tour, TourContext, TourStep };
export { TourBar, useTourShown };
