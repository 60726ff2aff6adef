import action from "dynalite/actions/putItem";
import { writeOne } from "../write-one";

/** Behaves as PutItem; differs: updates indexes at once. */
const putItem = writeOne({ name: "PutItem", shape: "putItem", action });

export { putItem };
