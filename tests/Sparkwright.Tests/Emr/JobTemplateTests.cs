using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

public sealed class JobTemplateTests
{
    private const string Good = """
        name: nightly
        clientToken: t
        tags: {kind: template}
        jobTemplateData:
          executionRoleArn: arn:aws:iam::111122223333:role/team-a
          releaseLabel: ${Release}
          jobDriver:
            sparkSubmitJobDriver:
              entryPoint: s3://bucket/job/${Script}
              entryPointArguments: ["${Day}", fixed]
              sparkSubmitParameters: "--conf spark.executor.instances=${Count} --conf spark.kubernetes.executor.podNamePrefix=nightly"
          parameterConfiguration:
            Release: {type: STRING, defaultValue: emr-6.7.0-latest}
            Script: {type: STRING}
            Count: {type: NUMBER, defaultValue: "2"}
          jobTags: {team: a, kind: job}
        """;

    private readonly Platform platform = new();

    [Fact]
    public void A_job_run_takes_what_the_template_says_and_gives_the_rest()
    {
        var id = Create(Good);
        var start = $"{{virtualClusterId: VC, clientToken: s, name: run, jobTemplateId: {id}, jobTemplateParameters: {{Script: script.py, Day: monday, Count: '3'}}, tags: {{kind: own}}}}";
        var run = platform.Done("StartJobRun", start)["id"]!.Text!;
        Assert.Equal(run, platform.Done("StartJobRun", start)["id"]?.Text);
        Assert.Contains("was used for another request", platform.Refused("StartJobRun", start.Replace("monday", "tuesday")), StringComparison.Ordinal);
        var known = platform.Done("DescribeJobRun", $"{{virtualClusterId: VC, id: {run}}}")["jobRun"]!;
        Assert.Equal("""{"kind":"own","team":"a"}""", known["tags"]!.ToString());
        Assert.Equal(("emr-6.7.0-latest", "run"), (known["releaseLabel"]?.Text, known["name"]?.Text));
        Assert.Equal(
            """{"entryPoint":"s3://bucket/job/script.py","entryPointArguments":["monday","fixed"],"sparkSubmitParameters":"--conf spark.executor.instances=3 --conf spark.kubernetes.executor.podNamePrefix=nightly"}""",
            known.At("jobDriver", "sparkSubmitJobDriver")!.ToString());
        platform.Until(() => platform.Pod("nightly-exec-3") is not null);

        // The job run goes on without the template.
        platform.Done("DeleteJobTemplate", $"{{id: {id}}}");
        platform.World.RebuildFromJournal();
        Assert.Equal(JobRunState.Completed, platform.Finish(run).State);
    }

    [Theory]
    //          members of the request                                               refusal
    [InlineData("jobTemplateParameters: {Script: s.py, Day: d}", "done")]
    [InlineData("jobTemplateParameters: {Script: s.py}", "needs a value for 'Day'")]
    [InlineData("jobTemplateParameters: {Script: s.py, Day: d, Count: many}", "jobTemplateParameters.Count: 'many' is not allowed; give a number")]
    [InlineData("jobTemplateParameters: {Script: s.py, Day: d, Hour: '1'}", "has no parameter 'Hour'; it has Count, Day, Release, Script")]
    [InlineData("jobTemplateParameters: {Script: s.py, Day: d, Release: emr-9.9.9-latest}", "ResourceNotFoundException: Release emr-9.9.9-latest doesn't exist.")]
    [InlineData("jobTemplateParameters: {Script: s.py, Day: d}, releaseLabel: emr-6.7.0-latest", "releaseLabel: is what job template")]
    [InlineData("jobTemplateId: none", "ResourceNotFoundException: Job template none doesn't exist.")]
    public void A_start_gives_each_parameter_that_has_no_default(string members, string refusal)
    {
        var id = Create(Good);
        var start = $"{{virtualClusterId: VC, clientToken: s, {members}{(members.StartsWith("jobTemplateId", StringComparison.Ordinal) ? "" : $", jobTemplateId: {id}")}}}";
        Assert.Contains(refusal, platform.Refused("StartJobRun", start), StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_without_a_template_mean_nothing() => Assert.Contains(
        "jobTemplateParameters: are given without a jobTemplateId",
        platform.Refused("StartJobRun", StartJobRunReaderTests.Good.Replace("jk518skp01ys9ka8b0npx9nt0", "VC") + "\njobTemplateParameters: {a: b}"),
        StringComparison.Ordinal);

    [Theory]
    //          replace                    by                    refusal
    [InlineData("name: nightly", "name: 'a b'", "name: 'a b' is not allowed")]
    [InlineData("clientToken: t\n", "", "clientToken: is missing")]
    [InlineData("type: NUMBER, defaultValue: \"2\"", "type: NUMBER, defaultValue: two", "jobTemplateData.parameterConfiguration.Count.defaultValue: 'two' is not allowed; give a number")]
    [InlineData("type: NUMBER", "type: FLOAT", "jobTemplateData.parameterConfiguration.Count.type: 'FLOAT' is not allowed; give NUMBER or STRING")]
    [InlineData("${Release}", "emr-9.9.9-latest", "ResourceNotFoundException: Release emr-9.9.9-latest doesn't exist.")]
    [InlineData("arn:aws:iam::111122223333:role/team-a", "team-a", "jobTemplateData.executionRoleArn: 'team-a' is not allowed")]
    [InlineData("arn:aws:iam::111122223333:role/team-a", "${Role}", "done")]
    [InlineData("      entryPoint: s3://bucket/job/${Script}\n", "", "jobDriver.sparkSubmitJobDriver.entryPoint: is missing")]
    [InlineData("name: nightly", "kmsKeyArn: key\nname: nightly", "kmsKeyArn: 'key' is not allowed")]
    public void A_template_of_the_wrong_shape_is_refused(string replace, string by, string refusal)
    {
        Assert.Contains(replace, Good, StringComparison.Ordinal);
        Assert.Contains(refusal, platform.Refused("CreateJobTemplate", Good.Replace(replace, by)), StringComparison.Ordinal);
    }

    [Fact]
    public void Templates_are_described_listed_and_deleted()
    {
        var id = Create(Good);
        Assert.Equal(id, Create(Good));
        platform.Pass(TimeSpan.FromSeconds(1));
        var second = Create(Good.Replace("nightly", "daily").Replace("clientToken: t", "clientToken: u"));
        var known = platform.Done("DescribeJobTemplate", $"{{id: {id}}}")["jobTemplate"]!;
        Assert.Equal(("nightly", "arn:aws:iam::111122223333:user/admin", $"arn:aws:emr-containers:us-west-2:111122223333:/jobtemplates/{id}"), (known["name"]?.Text, known["createdBy"]?.Text, known["arn"]?.Text));
        Assert.Equal("${Release}", known.At("jobTemplateData", "releaseLabel")?.Text);
        Assert.Equal("template", known.At("tags", "kind")?.Text);
        Assert.Equal([second, id], platform.Done("ListJobTemplates", "{}")["templates"]!.Items.ToArray().Select(one => one["id"]?.Text));
        Assert.Equal([id], platform.Done("ListJobTemplates", "{createdBefore: '2026-01-01T00:00:01Z'}")["templates"]!.Items.ToArray().Select(one => one["id"]?.Text));
        platform.Done("DeleteJobTemplate", $"{{id: {id}}}");
        Assert.Equal($"ResourceNotFoundException: Job template {id} doesn't exist.", platform.Refused("DescribeJobTemplate", $"{{id: {id}}}"));
        Assert.Equal($"ValidationException: Job template {id} doesn't exist.", platform.Refused("DeleteJobTemplate", $"{{id: {id}}}"));
    }

    private string Create(string request) => platform.Done("CreateJobTemplate", request)["id"]!.Text!;
}
