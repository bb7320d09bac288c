# The tutorial, line by line, as docs/guides/tutorial.md has it. The platform runs, and `sparkwright env` has been evaluated.
#   tutorial.sh SPARKWRIGHT DATA_DIRECTORY FOLDER
#   FOLDER  for what the script writes: the kubeconfig, and what kubectl watches
set -euo pipefail
program=$1 data=$2 folder=$3
sparkwright() { dotnet "$program" "$@" --data-dir "$data"; }
say() { echo "== $*"; }
states() { awk -v column="$1" '$1 != "NAME" { print $column }' | sort | uniq -c | awk '{ print $1, $2 }'; }

say plan
sparkwright plan | tail -n 1

say apply
sparkwright apply --auto-approve 2>/dev/null | grep "^Apply complete!"

say verify the cluster and the workspace
aws eks describe-cluster --name emr-eks-karpenter --query cluster.status --output text
aws amp list-workspaces --alias amp-ws-emr-eks-karpenter --query 'workspaces[].status.statusCode' --output text

say verify what runs
export KUBECONFIG=$folder/config
aws eks --region us-west-2 update-kubeconfig --name emr-eks-karpenter >/dev/null
kubectl get nodes | states 2
kubectl get ns | grep emr-data-team | awk '{ print $1, $2 }'
kubectl get pods --namespace=prometheus | states 3
kubectl get pods --namespace=vpa | states 3
kubectl get pods --namespace=kube-system | grep metrics-server | states 3
kubectl get pods --namespace=kube-system | grep cluster-autoscaler | states 3
sparkwright verify | tail -n 1

say a second apply
sparkwright apply --auto-approve | head -n 1

say jobs
name=$(sparkwright outputs emrcontainers_virtual_cluster_name)
id=$(sparkwright outputs emrcontainers_virtual_cluster_id)
role=$(sparkwright outputs emr_on_eks_role_arn)
aws s3 mb s3://tutorial-bucket >/dev/null
for example in compute-optimized memory-optimized graviton gang-scheduling; do
    kubectl get pods --namespace=emr-data-team-a -w >"$folder/$example.pods" &
    watch=$!
    (cd "blueprints/emr-eks-karpenter/examples/$example" && ./execute_emr_eks_job.sh "$name" s3://tutorial-bucket "$role" >"$folder/$example.out")
    run=$(sed -n 's/^job run \([0-9a-z]*\) has been started.*/\1/p' "$folder/$example.out")
    for turn in $(seq 1 90); do
        state=$(aws emr-containers describe-job-run --virtual-cluster-id "$id" --id "$run" --query jobRun.state --output text)
        case $state in COMPLETED | FAILED | CANCELLED) break ;; esac
    done
    kill "$watch"
    wait "$watch" || true
    executors=$(awk '$1 ~ /^taxidata-exec-[0-9]+$/ && $3 == "Running" { print $1 }' "$folder/$example.pods" | sort -u | wc -l)
    placeholders=$(awk '$1 ~ /^tg-/ { print $1 }' "$folder/$example.pods" | sort -u | wc -l)
    echo "$example $state executors $executors placeholders $placeholders"
done

say clean up
sparkwright destroy --only addons --auto-approve 2>/dev/null | tail -n 1
sparkwright destroy --only cluster --auto-approve 2>/dev/null | tail -n 1
sparkwright destroy --only network --auto-approve 2>/dev/null | tail -n 1
sparkwright destroy --auto-approve 2>/dev/null | tail -n 1
aws eks list-clusters --query 'length(clusters)'
aws emr-containers list-virtual-clusters --states RUNNING --query 'length(virtualClusters)'
sparkwright plan | tail -n 1
