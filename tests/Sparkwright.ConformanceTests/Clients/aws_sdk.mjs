// What people do with the AWS SDK for JavaScript, as aws_sdk.py does with boto3. Arguments: the folder of its packages, a name for what is made,
// the virtual cluster's name, the execution role.
import assert from 'node:assert';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, name, clusterName, role] = process.argv.slice(2);
const load = createRequire(join(folder, 'aws.js'));
const EMR = load('@aws-sdk/client-emr-containers');
const S3 = load('@aws-sdk/client-s3');
const { getSignedUrl } = load('@aws-sdk/s3-request-presigner');
const { Upload } = load('@aws-sdk/lib-storage');

async function all(pages, member) {
  const found = [];
  for await (const page of pages) {
    found.push(page[member] ?? []);
  }
  return found;
}

const emr = new EMR.EMRContainersClient({});
const clusters = (await all(EMR.paginateListVirtualClusters({ client: emr }, {}), 'virtualClusters')).flat();
const virtualClusterId = clusters.find(one => one.name === clusterName && one.state === 'RUNNING').id;
const request = {
  virtualClusterId, executionRoleArn: role, releaseLabel: 'emr-6.7.0-latest', jobDriver: { sparkSubmitJobDriver: { entryPoint: `s3://${name}/job.py` } }, tags: { 'made-by': name },
};
const runs = [];
for (let at = 0; at < 3; at++) {
  runs.push(await emr.send(new EMR.StartJobRunCommand({ ...request, name, clientToken: `${name}-${at}` })));
}
assert.equal((await emr.send(new EMR.StartJobRunCommand({ ...request, name, clientToken: `${name}-0` }))).id, runs[0].id);
const pages = await all(EMR.paginateListJobRuns({ client: emr, pageSize: 2 }, { virtualClusterId, name }), 'jobRuns');
assert.deepEqual([pages.length, new Set(pages.flat().map(run => run.id))], [2, new Set(runs.map(run => run.id))]);
const { jobRun } = await emr.send(new EMR.DescribeJobRunCommand({ virtualClusterId, id: runs[0].id }));
assert(jobRun.createdAt instanceof Date && jobRun.tags['made-by'] === name);
for (const run of runs) {
  assert.equal((await emr.send(new EMR.CancelJobRunCommand({ virtualClusterId, id: run.id }))).id, run.id);
}
await assert.rejects(emr.send(new EMR.DescribeJobRunCommand({ virtualClusterId, id: 'none' })), error => error instanceof EMR.ResourceNotFoundException && /doesn't exist/.test(error.message));
await assert.rejects(emr.send(new EMR.StartJobRunCommand({ ...request, name: 'a b' })), EMR.ValidationException);

const s3 = new S3.S3Client({});
const Bucket = name;
const text = async answer => await answer.Body.transformToString();
await s3.send(new S3.CreateBucketCommand({ Bucket }));
await s3.send(new S3.PutObjectCommand({ Bucket, Key: 'a/one', Body: 'hello', ContentType: 'text/plain', Metadata: { kind: 'greeting' } }));
const got = await s3.send(new S3.GetObjectCommand({ Bucket, Key: 'a/one' }));
assert.deepEqual([await text(got), got.ContentType, got.Metadata], ['hello', 'text/plain', { kind: 'greeting' }]);
const large = Buffer.alloc((9 << 20) + 17, 'abc');
await new Upload({ client: s3, params: { Bucket, Key: 'large', Body: large } }).done();
const head = await s3.send(new S3.HeadObjectCommand({ Bucket, Key: 'large' }));
assert.deepEqual([head.ContentLength, head.ETag.slice(-3)], [large.length, '-2"']);
assert(large.equals(Buffer.from(await (await s3.send(new S3.GetObjectCommand({ Bucket, Key: 'large' }))).Body.transformToByteArray())));
for (let at = 0; at < 5; at++) {
  await s3.send(new S3.CopyObjectCommand({ Bucket, Key: `copies/${at}`, CopySource: `${Bucket}/a/one` }));
}
const listed = await all(S3.paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket, Prefix: 'copies/' }), 'Contents');
assert.deepEqual(listed.map(page => page.length), [2, 2, 1]);
assert.equal(await (await fetch(await getSignedUrl(s3, new S3.GetObjectCommand({ Bucket, Key: 'a/one' })))).text(), 'hello');
const put = await fetch(await getSignedUrl(s3, new S3.PutObjectCommand({ Bucket, Key: 'put' })), { method: 'PUT', body: 'by url' });
assert.equal(put.status, 200);
await assert.rejects(s3.send(new S3.GetObjectCommand({ Bucket, Key: 'none' })), S3.NoSuchKey);
await assert.rejects(s3.send(new S3.ListObjectsCommand({ Bucket: `${Bucket}-none` })), { name: 'NoSuchBucket' });
await assert.rejects(s3.send(new S3.CreateBucketCommand({ Bucket })), S3.BucketAlreadyOwnedByYou);
await assert.rejects(s3.send(new S3.DeleteBucketCommand({ Bucket })), { name: 'BucketNotEmpty' });
await assert.rejects(new S3.S3Client({ credentials: { accessKeyId: 'AKIAWRONG', secretAccessKey: 'wrong' } }).send(new S3.ListBucketsCommand({})), { name: 'InvalidAccessKeyId' });
const keys = (await s3.send(new S3.ListObjectsV2Command({ Bucket }))).Contents.map(one => ({ Key: one.Key }));
assert.equal((await s3.send(new S3.DeleteObjectsCommand({ Bucket, Delete: { Objects: keys } }))).Deleted.length, 8);
await s3.send(new S3.DeleteBucketCommand({ Bucket }));
console.log('done');
