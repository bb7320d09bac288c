using System.Globalization;

namespace Sparkwright.ConformanceTests;

/// <summary>The example's own script and the aws CLI, from an empty bucket to a job run that is COMPLETED.</summary>
public sealed class AwsJobRunTests
{
    [Fact]
    public async Task The_examples_script_runs_unchanged()
    {
        AwsShell.SkipWithoutAws();
        await using var platform = new RunningPlatform { Options = ["--speed", "120", "--in-memory"] };
        await platform.InitializeAsync();
        var (code, output) = await AwsShell.Run(platform, """
            set -e
            name=emr-eks-karpenter-emr-data-team-a
            cluster=$(aws emr-containers list-virtual-clusters --query "virtualClusters[?name == '$name'].id" --output text)
            aws s3 mb s3://jobs > /dev/null
            blueprints/emr-eks-karpenter/examples/compute-optimized/execute_emr_eks_job.sh $name s3://jobs arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-a > /dev/null
            run=$(aws emr-containers list-job-runs --virtual-cluster-id $cluster --query 'jobRuns[0].id' --output text)
            for turn in $(seq 1 60); do
                state=$(aws emr-containers describe-job-run --virtual-cluster-id $cluster --id $run --query jobRun.state --output text)
                case $state in COMPLETED | FAILED | CANCELLED) break ;; esac
            done
            aws emr-containers describe-job-run --virtual-cluster-id $cluster --id $run --query 'jobRun.[state, failureReason, createdBy, createdAt, finishedAt]' --output text
            aws s3 ls s3://jobs/compute-optimized/ | tr -d ' \n'
            echo
            group=$(aws logs describe-log-groups --query 'logGroups[0].logGroupName' --output text)
            start=$(aws logs describe-log-streams --log-group-name $group --order-by LastEventTime --query 'logStreams[0].firstEventTimestamp' --output text)
            aws logs filter-log-events --log-group-name $group --start-time $start --log-stream-name-prefix taxidata/$cluster/jobs/$run --filter-pattern '?"Successfully stopped SparkContext" ?"Driver commanded a shutdown"' --query 'length(events)'
            aws logs describe-log-streams --log-group-name $group --log-stream-name-prefix taxidata/$cluster/jobs/$run --query 'logStreams[].logStreamName' --output text | tr '\t' '\n' | sed "s|$cluster|VC|; s|$run|JOB|g; s|spark-[0-9a-f]*/|APP/|; s|control-logs/JOB-[^/]*|control-logs/JOB-SUBMITTER|" | grep -v exec-
            """);
        Assert.Equal(0, code);
        var lines = output.Split('\n');
        var fields = lines[0].Split('\t');
        Assert.Equal(["COMPLETED", "None", "arn:aws:iam::111122223333:user/admin"], fields[..3]);
        Assert.True(DateTimeOffset.Parse(fields[3], CultureInfo.InvariantCulture) < DateTimeOffset.Parse(fields[4], CultureInfo.InvariantCulture), output);
        Assert.Equal("PREinput/PREpod-templates/PREscripts/", lines[1]);
        Assert.Equal(
            """
            7
            taxidata/VC/jobs/JOB/containers/APP/spark-JOB-driver/stderr
            taxidata/VC/jobs/JOB/containers/APP/spark-JOB-driver/stdout
            taxidata/VC/jobs/JOB/control-logs/JOB-SUBMITTER/stderr
            taxidata/VC/jobs/JOB/control-logs/JOB-SUBMITTER/stdout
            taxidata/VC/jobs/JOB/job-metadata.log

            """,
            string.Join('\n', lines[2..]));
    }
}
