// Ask for lists page by page, and for what is not there, with the AWS SDK for JavaScript; print
// JSON. The endpoint is that of AWS_ENDPOINT_URL.
// node ask.mjs

import {
  DescribeImagesCommand,
  ECRClient,
  paginateDescribeRepositories,
  RepositoryNotFoundException,
} from "@aws-sdk/client-ecr";
import {
  ClusterNotFoundException,
  DeleteClusterCommand,
  ECSClient,
  paginateListClusters,
} from "@aws-sdk/client-ecs";

const ecr = new ECRClient();
const ecs = new ECSClient();

async function pages(paginate, client, name) {
  const found = [];
  for await (const page of paginate({ client, pageSize: 1 }, {})) {
    found.push(page[name]);
  }
  return found;
}

async function refusal(client, command, errorClass) {
  try {
    await client.send(command);
  } catch (error) {
    return {
      isOfItsClass: error instanceof errorClass,
      name: error.name,
      message: error.message,
      fault: error.$fault,
      status: error.$metadata.httpStatusCode,
      hasRequestId: Boolean(error.$metadata.requestId),
    };
  }
  throw new Error("nothing was refused");
}

const repositories = await pages(paginateDescribeRepositories, ecr, "repositories");

console.log(
  JSON.stringify({
    repositories: repositories.map((page) => page.map((each) => each.repositoryName)),
    clusters: await pages(paginateListClusters, ecs, "clusterArns"),
    noRepository: await refusal(
      ecr,
      new DescribeImagesCommand({ repositoryName: "nowhere" }),
      RepositoryNotFoundException,
    ),
    noCluster: await refusal(
      ecs,
      new DeleteClusterCommand({ cluster: "nowhere" }),
      ClusterNotFoundException,
    ),
  }),
);
