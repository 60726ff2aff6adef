import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Ids of the text boxes of a conversation and of a thread. */
const MESSAGE_BOX = "say";
const REPLY_BOX = "reply";

/** The open thread, by the timestamp of its first message. The focus goes to its text box, and back to where it was when it is closed. */
const useThread = (conversation: string) => {
  const [thread, setThread] = useState<string>();
  const opener = useRef<Element | null>(null);
  const isClosing = useRef(false);
  const open = (root: string) => {
    opener.current = document.activeElement;
    setThread(root);
  };
  const close = () => {
    isClosing.current = true;
    setThread(undefined);
  };
  useLayoutEffect(() => setThread(undefined), [conversation]);
  // Runs before the next key press, so that the key goes into the box.
  useLayoutEffect(() => {
    if (thread !== undefined) document.getElementById(REPLY_BOX)?.focus();
    else if (isClosing.current) {
      const isBackThere = opener.current?.isConnected === true && opener.current !== document.body;
      const back = isBackThere ? opener.current : document.getElementById(MESSAGE_BOX);
      (back as HTMLElement | null)?.focus();
    }
    isClosing.current = false;
  }, [thread]);
  return { thread, open, close };
};

export { MESSAGE_BOX, REPLY_BOX, useThread };
