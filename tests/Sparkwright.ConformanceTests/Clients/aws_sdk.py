# What people do with boto3: job runs from start to cancellation, S3 with its transfers, and the SDK's own exceptions. Arguments: a name for what
# is made, the virtual cluster's name, the execution role.
import io
import sys
import urllib.request

import boto3
from botocore.exceptions import ClientError

name, cluster_name, role = sys.argv[1:4]


def raises(kind, call, **arguments):
    try:
        call(**arguments)
    except kind as error:
        return error.response["Error"]
    raise AssertionError(f"{call} raised nothing")


emr = boto3.client("emr-containers")
clusters = [c for page in emr.get_paginator("list_virtual_clusters").paginate() for c in page["virtualClusters"]]
cluster = next(c["id"] for c in clusters if c["name"] == cluster_name and c["state"] == "RUNNING")
assert emr.describe_virtual_cluster(id=cluster)["virtualCluster"]["containerProvider"]["type"] == "EKS"
request = {
    "virtualClusterId": cluster,
    "executionRoleArn": role,
    "releaseLabel": "emr-6.7.0-latest",
    "jobDriver": {"sparkSubmitJobDriver": {"entryPoint": f"s3://{name}/job.py"}},
    "tags": {"made-by": name},
}
runs = [emr.start_job_run(name=name, clientToken=f"{name}-{at}", **request) for at in range(3)]
assert emr.start_job_run(name=name, clientToken=f"{name}-0", **request)["id"] == runs[0]["id"]
assert runs[0]["arn"].endswith(f"/virtualclusters/{cluster}/jobruns/{runs[0]['id']}")
pages = list(emr.get_paginator("list_job_runs").paginate(virtualClusterId=cluster, name=name, PaginationConfig={"PageSize": 2}))
assert len(pages) == 2 and {r["id"] for page in pages for r in page["jobRuns"]} == {r["id"] for r in runs}
run = emr.describe_job_run(virtualClusterId=cluster, id=runs[0]["id"])["jobRun"]
assert run["tags"] == {"made-by": name} and run["createdAt"].tzinfo is not None and run["jobDriver"] == request["jobDriver"]
for started in runs:
    assert emr.cancel_job_run(virtualClusterId=cluster, id=started["id"])["id"] == started["id"]
assert emr.describe_job_run(virtualClusterId=cluster, id=runs[0]["id"])["jobRun"]["state"] in ("CANCEL_PENDING", "CANCELLED")
assert "doesn't exist" in raises(emr.exceptions.ResourceNotFoundException, emr.describe_job_run, virtualClusterId=cluster, id="none")["Message"]
raises(emr.exceptions.ValidationException, emr.start_job_run, **{**request, "name": "a b"})

s3 = boto3.client("s3")
s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
assert name in [b["Name"] for b in s3.list_buckets()["Buckets"]]
s3.put_object(Bucket=name, Key="a/one", Body=b"hello", ContentType="text/plain", Metadata={"kind": "greeting"})
got = s3.get_object(Bucket=name, Key="a/one")
assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"kind": "greeting"})
assert s3.get_object(Bucket=name, Key="a/one", Range="bytes=1-3")["Body"].read() == b"ell"
large = bytes(range(256)) * (9 << 12)
s3.upload_fileobj(io.BytesIO(large), name, "large")
assert s3.head_object(Bucket=name, Key="large")["ETag"].endswith('-2"')
back = io.BytesIO()
s3.download_fileobj(name, "large", back)
assert back.getvalue() == large
for at in range(5):
    s3.copy_object(Bucket=name, Key=f"copies/{at}", CopySource={"Bucket": name, "Key": "a/one"})
listed = list(s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix="copies/", PaginationConfig={"PageSize": 2}))
assert [len(page["Contents"]) for page in listed] == [2, 2, 1]
assert s3.list_objects_v2(Bucket=name, Delimiter="/")["CommonPrefixes"] == [{"Prefix": "a/"}, {"Prefix": "copies/"}]
url = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "a/one"})
assert urllib.request.urlopen(url).read() == b"hello"
put = s3.generate_presigned_url("put_object", Params={"Bucket": name, "Key": "put", "ContentType": "text/plain"})
urllib.request.urlopen(urllib.request.Request(put, data=b"by url", method="PUT", headers={"Content-Type": "text/plain"}))
assert s3.get_object(Bucket=name, Key="put")["Body"].read() == b"by url"
raises(s3.exceptions.NoSuchKey, s3.get_object, Bucket=name, Key="none")
raises(s3.exceptions.NoSuchBucket, s3.list_objects_v2, Bucket=f"{name}-none")
raises(s3.exceptions.BucketAlreadyOwnedByYou, s3.create_bucket, Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
assert raises(ClientError, s3.delete_bucket, Bucket=name)["Code"] == "BucketNotEmpty"
assert raises(ClientError, boto3.client("s3", aws_secret_access_key="wrong", aws_access_key_id="AKIAWRONG").list_buckets)["Code"] == "InvalidAccessKeyId"
keys = [{"Key": o["Key"]} for o in s3.list_objects_v2(Bucket=name)["Contents"]]
assert len(s3.delete_objects(Bucket=name, Delete={"Objects": keys})["Deleted"]) == len(keys) == 8
s3.delete_bucket(Bucket=name)
print("done")
