using Sparkwright.World.Emr;
using Sparkwright.World.Spark;

namespace Sparkwright.Tests.Emr;

public sealed class StartJobRunReaderTests
{
    internal const string Good = """
        name: ny-taxi
        virtualClusterId: jk518skp01ys9ka8b0npx9nt0
        clientToken: token
        executionRoleArn: arn:aws:iam::111122223333:role/team-a
        releaseLabel: emr-6.7.0-latest
        jobDriver:
          sparkSubmitJobDriver:
            entryPoint: s3://bucket/job/script.py
            entryPointArguments: [s3://bucket/in, 7]
            sparkSubmitParameters: "--conf spark.executor.instances=6 --driver-memory 10g"
        configurationOverrides:
          applicationConfiguration:
          - classification: spark-defaults
            properties: {spark.executor.memory: 10g, spark.executor.instances: "2", spark.driver.memory: 3g}
          monitoringConfiguration:
            persistentAppUI: ENABLED
            cloudWatchMonitoringConfiguration: {logGroupName: /emr-on-eks-logs/team-a, logStreamNamePrefix: taxidata}
        """;

    [Fact]
    public void A_good_request_is_read_whole()
    {
        var request = Read(Good, out var refusal);
        Assert.Null(refusal);
        var submit = Assert.IsType<JobDriver.SparkSubmit>(request!.Driver);
        Assert.Equal(["s3://bucket/in", "7"], submit.Arguments);
        Assert.Equal(ApplicationLanguage.Python, submit.Language);
        Assert.Equal("/emr-on-eks-logs/team-a", request.Monitoring.LogGroup);
        Assert.True(request.Monitoring.SendsLogs);
        Assert.Null(request.MaxAttempts);
    }

    [Fact]
    public void Parameters_beat_spark_defaults_which_beat_those_of_EMR()
    {
        var request = Read(Good, out _)!;
        var parameters = SparkSubmitParameters.Read(request.Driver.ParameterText, out _);
        var conf = JobConf.Of(request, parameters, "us-west-2");
        Assert.Equal("6", conf.Get("spark.executor.instances"));
        Assert.Equal("10g", conf.Get("spark.driver.memory"));
        Assert.Equal("10g", conf.Get("spark.executor.memory"));
        Assert.Equal("1", conf.Get("spark.executor.cores"));
        Assert.Equal("895885662937.dkr.ecr.us-west-2.amazonaws.com/spark/emr-6.7.0:latest", conf.Get("spark.kubernetes.container.image"));
        Assert.Equal("script.py", conf.Get("spark.app.name"));
    }

    [Theory]
    //          replace                                     by                                     refusal
    [InlineData("name: ny-taxi", "name: ny taxi", "name: 'ny taxi' is not allowed; give 1 to 64 of")]
    [InlineData("arn:aws:iam::111122223333:role/team-a", "team-a", "executionRoleArn: 'team-a' is not allowed; give the ARN of an IAM role")]
    [InlineData("clientToken: token\n", "", "clientToken: is missing")]
    [InlineData("  sparkSubmitJobDriver:", "  sparkSqlJobDriver: {entryPoint: s3://b/q.sql}\n  sparkSubmitJobDriver:", "jobDriver: 'sparkSqlJobDriver, sparkSubmitJobDriver' is not allowed; give exactly one of")]
    [InlineData("    entryPoint: s3://bucket/job/script.py\n", "", "jobDriver.sparkSubmitJobDriver.entryPoint: is missing")]
    [InlineData("entryPointArguments", "arguments", "jobDriver.sparkSubmitJobDriver.arguments: is not a member; allowed are entryPoint, entryPointArguments, sparkSubmitParameters")]
    [InlineData("persistentAppUI: ENABLED", "persistentAppUI: yes please", "configurationOverrides.monitoringConfiguration.persistentAppUI: 'yes please' is not allowed; give ENABLED or DISABLED")]
    [InlineData("persistentAppUI: ENABLED", "managedLogs: {allowAWSToRetainLogs: SOME}", "configurationOverrides.monitoringConfiguration.managedLogs.allowAWSToRetainLogs: 'SOME' is not allowed; give ENABLED or DISABLED")]
    [InlineData("persistentAppUI: ENABLED", "managedLogs: {encryptionKeyArn: key}", "configurationOverrides.monitoringConfiguration.managedLogs.encryptionKeyArn: 'key' is not allowed; give the ARN of a KMS key")]
    [InlineData("logGroupName: /emr-on-eks-logs/team-a, ", "", "configurationOverrides.monitoringConfiguration.cloudWatchMonitoringConfiguration.logGroupName: is missing")]
    [InlineData("name: ny-taxi", "retryPolicyConfiguration: {maxAttempts: 0}", "retryPolicyConfiguration.maxAttempts: '0' is not allowed; give a whole number from 1")]
    [InlineData("name: ny-taxi", "retryPolicyConfiguration: {maxAttempts: 3}", "retryPolicyConfiguration: 'emr-6.7.0-latest' is not allowed; give a release of 6.9.0 or later")]
    [InlineData("virtualClusterId: jk518skp01ys9ka8b0npx9nt0", "virtualClusterId: ABC", "virtualClusterId: 'ABC' is not allowed; give an id of lower-case letters and digits")]
    public void What_its_shape_shows_to_be_wrong_is_refused_with_member_value_and_what_is_allowed(string replace, string by, string said)
    {
        Assert.Contains(replace, Good);
        Assert.Null(Read(Good.Replace(replace, by), out var refusal));
        Assert.Equal("ValidationException", refusal!.Code);
        Assert.StartsWith(said, refusal.Message);
    }

    [Theory]
    [InlineData("emr-6.7-latest")]
    [InlineData("emr-6.99.0-latest")]
    [InlineData("emr-8.0.0-latest")]
    public void A_release_that_does_not_exist_is_not_found(string label)
    {
        Assert.Null(Read(Good.Replace("emr-6.7.0-latest", label), out var refusal));
        Assert.Equal("ResourceNotFoundException", refusal!.Code);
        Assert.StartsWith($"Release {label} doesn't exist. releaseLabel: '{label}' is not allowed; give emr-X.Y.Z-latest", refusal.Message);
    }

    [Fact]
    public void Limits_hold()
    {
        var properties = string.Join(", ", Enumerable.Range(0, 101).Select(at => $"k{at}: v"));
        Assert.Null(Read(Good.Replace("{spark.executor.memory: 10g, spark.executor.instances: \"2\", spark.driver.memory: 3g}", $"{{{properties}}}"), out var refusal));
        Assert.Contains("properties: '101 entries' is not allowed; give at most 100", refusal!.Message);
        Assert.Null(Read(Good.Replace("s3://bucket/job/script.py", "s3://bucket/" + new string('a', 250)), out refusal));
        Assert.Contains("a text of 1 to 256 characters", refusal!.Message);
    }

    internal static JobRunRequest? Read(string yaml, out EmrRefusal? refusal) => StartJobRunReader.Read(Yaml.Read(yaml), out refusal);
}
