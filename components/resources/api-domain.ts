import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface ApiDomainArgs {
  api: aws.apigatewayv2.Api;
  stage: aws.apigatewayv2.Stage;
  /** The name, such as `slack.example.com`. */
  domain: string;
  /** The hosted zone that has the name. Without it, the records are made elsewhere, and `certificateArn` is needed. */
  zoneId?: string | undefined;
  /** An existing certificate for the name, in the region of the API. Default: a new one, which the zone validates. */
  certificateArn?: string | undefined;
}

/** A custom domain for an HTTP API, by HTTPS only. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html */
class ApiDomain extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  /** The target of the CNAME record that the operator creates if no zone is given. */
  readonly target: pulumi.Output<string>;

  constructor(name: string, { api, stage, domain, zoneId, certificateArn }: ApiDomainArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:apigateway:ApiDomain", name, {}, opts);
    const child = { parent: this };
    const ownName = new aws.apigatewayv2.DomainName(
      name,
      {
        domainName: domain,
        domainNameConfiguration: {
          certificateArn: certificateArn ?? createCertificate(name, domain, zoneId!, child),
          endpointType: "REGIONAL",
          securityPolicy: "TLS_1_2",
        },
      },
      child,
    );
    new aws.apigatewayv2.ApiMapping(name, { apiId: api.id, domainName: ownName.id, stage: stage.id }, child);
    const { targetDomainName, hostedZoneId } = ownName.domainNameConfiguration;
    if (zoneId !== undefined) {
      const aliases = [{ name: targetDomainName, zoneId: hostedZoneId, evaluateTargetHealth: false }];
      new aws.route53.Record(name, { zoneId, name: domain, type: "A", aliases }, child);
    }
    this.url = pulumi.interpolate`https://${ownName.domainName}`;
    this.target = targetDomainName;
    this.registerOutputs({ url: this.url });
  }
}

/** Creates a certificate and the record that proves that the name is ours. Returns the certificate's ARN once it is valid. */
const createCertificate = (name: string, domain: string, zoneId: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> => {
  const certificate = new aws.acm.Certificate(name, { domainName: domain, validationMethod: "DNS" }, opts);
  const proof = certificate.domainValidationOptions.apply(([first]) => first!);
  const record = new aws.route53.Record(
    `${name}-validation`,
    {
      zoneId,
      name: proof.resourceRecordName,
      type: proof.resourceRecordType,
      records: [proof.resourceRecordValue],
      ttl: 300,
      // Another stack with the same name may have made it already; it would be the same.
      allowOverwrite: true,
    },
    opts,
  );
  const validation = new aws.acm.CertificateValidation(
    name,
    { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    opts,
  );
  return validation.certificateArn;
};

export type { ApiDomainArgs };
export { ApiDomain };
