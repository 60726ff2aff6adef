import action from "dynalite/actions/putItem";
import type { EngineOperation } from "../engine";
import { writeOne } from "../write-one";

/** Behaves as PutItem; differs: updates indexes at once. */
const putItem: EngineOperation = engine => writeOne(engine, { name: "PutItem", shape: "putItem", action });

export { putItem };
