using System.Collections.Immutable;
using Sparkwright.World.Aws;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>An S3 object that must be there before a job can run, and the member of the request that names it.</summary>
public sealed record JobFile(string Member, S3Uri Uri);

/// <summary>The files that a job run names: script, libraries, pod templates. Input and output folders are the script's own matter.</summary>
public static class JobFiles
{
    private static readonly (string Setting, string Member)[] Lists =
    [
        ("spark.jars", "--jars"), ("spark.submit.pyFiles", "--py-files"), ("spark.files", "--files"), ("spark.archives", "--archives"),
    ];

    public static ImmutableArray<JobFile> Of(JobRunRequest request, EmrSettings settings)
    {
        var parameters = SparkSubmitParameters.Read(request.Driver.ParameterText, out _);
        return [.. Libraries(request, parameters), .. Templates(JobConf.Of(request, parameters, settings.Region))];
    }

    /// <summary>The script and what goes with it.</summary>
    internal static IEnumerable<JobFile> Libraries(JobRunRequest request, SparkSubmitParameters parameters)
    {
        if (S3Uri.Parse(request.Driver.EntryPoint) is { } script)
        {
            yield return new JobFile("entryPoint", script);
        }

        foreach (var (setting, member) in Lists)
        {
            foreach (var file in parameters.Conf.Get(setting, "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                // An alias may stand behind a #.
                if (S3Uri.Parse(file.Split('#')[0]) is { } uri)
                {
                    yield return new JobFile(member, uri);
                }
            }
        }
    }

    private static IEnumerable<JobFile> Templates(SparkConf conf)
    {
        foreach (var setting in new[] { "spark.kubernetes.driver.podTemplateFile", "spark.kubernetes.executor.podTemplateFile" })
        {
            if (conf.Get(setting) is { } file && S3Uri.Parse(file) is { } uri)
            {
                yield return new JobFile(setting, uri);
            }
        }
    }
}
