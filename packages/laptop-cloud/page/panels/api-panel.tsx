import { routesOf } from "../api-routes";
import type { NodePanelProps } from "./panel-props";
import { ScrollTable } from "./scroll-table";

const apiTypes = ["aws:apigatewayv2/api:Api", "aws:apigateway/restApi:RestApi"];

/** The routes of an HTTP API or a REST API. */
const ApiPanel = ({ name, program: { resources } }: NodePanelProps) => {
  const api = resources.find(each => apiTypes.includes(each.type) && each.name === name);
  if (api === undefined) return null;
  const stage = resources.find(({ type, inputs }) => {
    return type === "aws:apigateway/stage:Stage" && (inputs["restApi"]?.id ?? inputs["restApi"]) === api.id;
  });
  return (
    <>
      <p class="panel-line">
        <code>{String(api.outputs["apiEndpoint"] ?? stage?.outputs["invokeUrl"])}</code>
      </p>
      <ScrollTable
        label={`Routes of ${name}`}
        columns={[{ title: "route" }, { title: "function" }]}
        rows={routesOf(resources, api).map(({ route, target }) => ({
          key: route,
          cells: [<code>{route}</code>, /function:([^/]+)/.exec(target)?.[1] ?? target],
        }))}
      />
    </>
  );
};

export { ApiPanel };
