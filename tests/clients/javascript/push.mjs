// Push an image from an OCI layout with the AWS SDK for JavaScript, read it back, print JSON.
// node push.mjs ENDPOINT LAYOUT REPOSITORY TAG

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";

const [endpoint, layout, repositoryName, imageTag] = process.argv.slice(2);
const ecr = new ECRClient({ endpoint });

const read = (digest) => readFile(join(layout, "blobs", ...digest.split(":")));
const digestOf = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function upload(digest) {
  const bytes = await read(digest);
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  await ecr.send(
    new UploadLayerPartCommand({
      repositoryName,
      uploadId,
      partFirstByte: 0,
      partLastByte: bytes.length - 1,
      layerPartBlob: bytes,
    }),
  );
  const completed = await ecr.send(
    new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }),
  );
  return completed.layerDigest;
}

async function download(layerDigest) {
  const given = await ecr.send(
    new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }),
  );
  const reply = await fetch(given.downloadUrl);
  return { status: reply.status, digest: digestOf(Buffer.from(await reply.arrayBuffer())) };
}

const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8"));
const manifest = await read(index.manifests[0].digest);
const { config, layers } = JSON.parse(manifest);

const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
const uploaded = [];
for (const { digest } of [config, ...layers]) {
  uploaded.push(await upload(digest));
}
const { image } = await ecr.send(
  new PutImageCommand({ repositoryName, imageTag, imageManifest: manifest.toString() }),
);
const got = await ecr.send(
  new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }),
);
const downloaded = await Promise.all(layers.map(({ digest }) => download(digest)));

console.log(
  JSON.stringify({
    createdAt: repository.createdAt instanceof Date,
    uri: repository.repositoryUri,
    uploaded,
    imageId: image.imageId,
    manifest: got.images[0].imageManifest,
    mediaType: got.images[0].imageManifestMediaType,
    downloaded,
  }),
);
