#!/usr/bin/env bash
# Runs this example on EMR on EKS: makes a little input, uploads it with the script and the pod templates, and starts the job run.
set -euo pipefail

if [ $# -ne 3 ]; then
    cat >&2 <<USAGE
usage: $0 VIRTUAL_CLUSTER_NAME s3://BUCKET EXECUTION_ROLE_ARN

  VIRTUAL_CLUSTER_NAME   the output emrcontainers_virtual_cluster_name
  s3://BUCKET            a bucket of yours; everything goes below s3://BUCKET/$(basename "$(cd "$(dirname "$0")" && pwd)")/
  EXECUTION_ROLE_ARN     the output emr_on_eks_role_arn
USAGE
    exit 1
fi
virtual_cluster_name=$1 bucket=${2%/} role=$3

# A folder links to this script: what it runs lies where the link does.
cd "$(dirname "$0")"
example=$(basename "$PWD")
files=21
trips_per_file=2000

read -r virtual_cluster_id namespace <<<"$(aws emr-containers list-virtual-clusters --output text \
    --query "virtualClusters[?name == '$virtual_cluster_name' && state == 'RUNNING'] | [0].[id, containerProvider.info.eksInfo.namespace]")"
if [ -z "$virtual_cluster_id" ] || [ "$virtual_cluster_id" = None ]; then
    echo "there is no running virtual cluster called $virtual_cluster_name; aws emr-containers list-virtual-clusters shows those that are" >&2
    exit 1
fi

input=$(mktemp -d)
trap 'rm -rf "$input"' EXIT
for file in $(seq 1 "$files"); do
    # The same trips each time: a day of January, a way of payment, an amount.
    awk -v seed="$file" -v count="$trips_per_file" 'BEGIN {
        srand(seed)
        print "tpep_pickup_datetime,payment_type,total_amount"
        for (trip = 0; trip < count; trip++) {
            printf "2022-01-%02d %02d:%02d:00,%d,%.2f\n", 1 + int(rand() * 31), int(rand() * 24), int(rand() * 60), 1 + int(rand() * 4), 3 + rand() * 80
        }
    }' > "$input/trips-$file.csv"
done

aws s3 sync "$input" "$bucket/$example/input/" --only-show-errors
aws s3 sync scripts "$bucket/$example/scripts/" --only-show-errors
aws s3 sync pod-templates "$bucket/$example/pod-templates/" --only-show-errors

job_run_id=$(aws emr-containers start-job-run \
    --virtual-cluster-id "$virtual_cluster_id" \
    --execution-role-arn "$role" \
    --cli-input-json "$(sed "s|\${S3_BUCKET}|$bucket|g" job-run.json)" \
    --query id --output text)

cat <<NEXT
job run $job_run_id has been started in $virtual_cluster_name
  kubectl get pods --namespace=$namespace -w
  aws emr-containers describe-job-run --virtual-cluster-id $virtual_cluster_id --id $job_run_id
NEXT
