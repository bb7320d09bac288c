using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

public sealed class SparkSubmitParametersTests
{
    [Theory]
    [InlineData("--conf spark.executor.instances=6", "spark.executor.instances=6")]
    [InlineData("--conf=spark.executor.instances=6", "spark.executor.instances=6")]
    [InlineData("--driver-memory 10g --executor-cores 2 --num-executors 3", "spark.driver.memory=10g spark.executor.cores=2 spark.executor.instances=3")]
    [InlineData("--conf 'spark.a=x y' --conf \"spark.b=it's\"", "spark.a=x y|spark.b=it's")]
    [InlineData("--conf spark.a=1 --conf spark.a=2", "spark.a=2")]
    [InlineData("--conf spark.opts=-Da=b", "spark.opts=-Da=b")]
    [InlineData("--conf spark.a=b\\ c", "spark.a=b c")]
    [InlineData("  --verbose\n --master yarn ", "")]
    [InlineData("--jars s3://b/a.jar,s3://b/b.jar --py-files s3://b/c.zip", "spark.jars=s3://b/a.jar,s3://b/b.jar spark.submit.pyFiles=s3://b/c.zip")]
    public void Options_become_settings(string text, string settings)
    {
        var parameters = SparkSubmitParameters.Read(text, out var problem);
        Assert.Null(problem);
        Assert.Equal(settings.Replace('|', ' '), string.Join(' ', parameters.Conf.Settings.Select(setting => $"{setting.Key}={setting.Value}")));
    }

    [Fact]
    public void The_main_class_is_kept_apart() =>
        Assert.Equal("org.example.Main", SparkSubmitParameters.Read("--class org.example.Main --jars s3://b/a.jar", out _).MainClass);

    [Fact]
    public void A_job_names_the_files_that_must_be_there()
    {
        var request = StartJobRunReaderTests.Read(
            StartJobRunReaderTests.Good.Replace(
                "--driver-memory 10g",
                "--jars s3://b/a.jar,local:///b.jar --py-files 's3://b/c.zip' --archives s3://b/e.tar.gz#env --conf spark.kubernetes.driver.podTemplateFile='s3://b/d.yaml'"),
            out _)!;
        var files = JobFiles.Of(request, new EmrSettings("us-west-2", "111122223333", "c"));
        Assert.Equal(
            [
                "entryPoint s3://bucket/job/script.py", "--jars s3://b/a.jar", "--py-files s3://b/c.zip", "--archives s3://b/e.tar.gz",
                "spark.kubernetes.driver.podTemplateFile s3://b/d.yaml",
            ],
            files.Select(file => $"{file.Member} {file.Uri}"));
    }

    [Theory]
    [InlineData("--conf 'spark.a=b", "a quote is opened and not closed")]
    [InlineData("--conf spark.a", "--conf 'spark.a' is no setting; write key=value")]
    [InlineData("--confs spark.a=b", "unrecognized option '--confs'")]
    [InlineData("--driver-memory", "option '--driver-memory' has no value")]
    [InlineData("spark.a=b", "'spark.a=b' stands alone; options of spark-submit begin with --")]
    public void What_spark_submit_refuses_is_said(string text, string problem)
    {
        SparkSubmitParameters.Read(text, out var said);
        Assert.Equal(problem, said);
    }
}
