import deleteAction from "dynalite/actions/deleteItem";
import putAction from "dynalite/actions/putItem";
import updateAction from "dynalite/actions/updateItem";
import { writeOne } from "../write-one";

// Each differs from its page: it updates indexes at once.
const putItem = writeOne({ name: "PutItem", shape: "putItem", action: putAction });
const updateItem = writeOne({ name: "UpdateItem", shape: "updateItem", action: updateAction });
const deleteItem = writeOne({ name: "DeleteItem", shape: "deleteItem", action: deleteAction });

export { deleteItem, putItem, updateItem };
