const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Finds the trigger word that an escaped text begins with: the whole word, in any case. The first in the list wins. */
const findTriggerWord = (text: string, triggerWords: readonly string[]): string | undefined => {
  const said = text.trimStart().replace(/&(?:amp|lt|gt);/g, entity => ENTITIES[entity]!);
  return triggerWords.find(
    word => said.slice(0, word.length).toLowerCase() === word.toLowerCase() && !/^[\p{L}\p{N}\p{M}_]/u.test(said.slice(word.length)),
  );
};

export { findTriggerWord };
