import * as pulumi from "@pulumi/pulumi";
import type { Resource } from "../kernel/inventory";

interface Note {
  secrets: Promise<string[]>;
  parent: pulumi.Resource | undefined;
}

/**
 * Facts about resources that Pulumi does not pass to mocks: the component of each resource, and the exact paths of secrets in its inputs.
 * Mocks only learn which input contains a secret, so one secret variable would make the whole environment secret.
 */
class Notes {
  readonly #notes = new Map<string, Note>();

  /** Starts taking notes. Call it inside the stack, before the program runs. */
  take() {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      this.#notes.set(`${type} ${name}`, { secrets: findSecrets(props, ""), parent: opts.parent });
      return undefined;
    });
  }

  /** `known`: paths of inputs that contain a secret. Returns more exact paths where there are notes. */
  async of(type: string, name: string, known: string[]): Promise<Pick<Resource, "secrets" | "parent" | "group">> {
    const note = this.#notes.get(`${type} ${name}`);
    const exact = (await note?.secrets) ?? [];
    const secrets = known.flatMap(path => {
      const inside = exact.filter(each => each.startsWith(`${path}.`));
      return exact.includes(path) || inside.length === 0 ? [path] : inside;
    });
    const components = await Promise.all(listAncestors(note?.parent).map(nameOf));
    const [parent, group] = [components[0], components.findLast(component => component !== undefined)];
    return { secrets: [...new Set(secrets)], ...(parent === undefined ? {} : { parent, group }) };
  }
}

/** Dotted paths of the secret outputs among a resource's inputs. */
const findSecrets = async (value: unknown, path: string): Promise<string[]> => {
  if (pulumi.Output.isInstance(value)) return (await pulumi.isSecret(value)) ? [path] : [];
  if (value instanceof Promise) return findSecrets(await value, path);
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return [];
  const inside = Object.entries(value).map(([key, inner]) => findSecrets(inner, path === "" ? key : `${path}.${key}`));
  return (await Promise.all(inside)).flat();
};

/** A resource and the components around it, from inside to outside. */
const listAncestors = (resource: pulumi.Resource | undefined): pulumi.Resource[] =>
  // Pulumi's types leave this member out.
  resource === undefined ? [] : [resource, ...listAncestors((resource as { __parentResource?: pulumi.Resource }).__parentResource)];

const stackType = "pulumi:pulumi:Stack";

/** The Pulumi name of a component; undefined for the stack itself. `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME` */
const nameOf = async (resource: pulumi.Resource | undefined): Promise<string | undefined> => {
  if (resource === undefined) return undefined;
  const urn = await new Promise<string>(resolve => void resource.urn.apply(resolve));
  const [, , type, name] = urn.split("::");
  return type === stackType ? undefined : name;
};

export { Notes };
