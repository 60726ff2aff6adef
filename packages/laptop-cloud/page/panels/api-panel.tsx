import type { NodePanelProps } from "./panel-props";
import { ScrollTable } from "./scroll-table";

/** An HTTP API's routes. */
const ApiPanel = ({ name, program: { resources } }: NodePanelProps) => {
  const api = resources.find(each => each.type === "aws:apigatewayv2/api:Api" && each.name === name);
  const routes = resources.filter(({ type, inputs }) => type === "aws:apigatewayv2/route:Route" && inputs["apiId"] === api?.id);
  const targetOf = (target: unknown) => {
    const integration = resources.find(
      ({ type, id }) => type === "aws:apigatewayv2/integration:Integration" && `integrations/${id}` === target,
    );
    return /function:([^/]+)/.exec(String(integration?.inputs["integrationUri"]))?.[1] ?? String(target);
  };
  return (
    <>
      <p class="panel-line">
        <code>{String(api?.outputs["apiEndpoint"])}</code>
      </p>
      <ScrollTable
        label={`Routes of ${name}`}
        columns={[{ title: "route" }, { title: "function" }]}
        rows={routes.map(({ name: key, inputs }) => ({ key, cells: [<code>{inputs["routeKey"]}</code>, targetOf(inputs["target"])] }))}
      />
    </>
  );
};

export { ApiPanel };
