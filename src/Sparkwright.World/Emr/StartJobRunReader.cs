using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Emr;

/// <summary>Reads the members of StartJobRun and refuses what their shape shows to be wrong.</summary>
public static partial class StartJobRunReader
{
    private const int MostTags = 50;
    private const int MostConfigurations = 100;
    private const int MostParameters = 102_400;
    private const int LongestUri = 10_280;

    /// <summary>The request, or null and the refusal.</summary>
    public static JobRunRequest? Read(Tree tree, out EmrRefusal? refusal)
    {
        var shape = new RequestShape();
        var source = shape.Map(
            tree,
            "",
            "name", "virtualClusterId", "clientToken", "executionRoleArn", "releaseLabel", "jobDriver", "configurationOverrides", "tags", "retryPolicyConfiguration");

        var virtualClusterId = shape.Required(source["virtualClusterId"], "virtualClusterId", 64, EmrPatterns.Id(), EmrPatterns.IdAllowed);
        var clientToken = shape.Required(source["clientToken"], "clientToken", 64, EmrPatterns.NotBlank());
        var name = shape.Text(source["name"], "name", 64, EmrPatterns.Name(), EmrPatterns.NameAllowed);
        var role = shape.Required(source["executionRoleArn"], "executionRoleArn", 2048, EmrPatterns.Role(), EmrPatterns.RoleAllowed);
        var label = shape.Required(source["releaseLabel"], "releaseLabel", 64, EmrPatterns.Release(), EmrRelease.Allowed);
        var release = EmrRelease.Find(label);
        var driver = ReadDriver(shape, source["jobDriver"]);
        var overrides = shape.Map(source["configurationOverrides"], "configurationOverrides", "applicationConfiguration", "monitoringConfiguration");
        var configurations = ReadConfigurations(shape, overrides["applicationConfiguration"], "configurationOverrides.applicationConfiguration", 0);
        var monitoring = ReadMonitoring(shape, overrides["monitoringConfiguration"], release);
        var tags = ReadTags(shape, source["tags"]);
        var attempts = ReadAttempts(shape, source["retryPolicyConfiguration"], release);
        if (shape.Problem is not null || driver is null || release is null)
        {
            refusal = shape.Problem is { } problem ? EmrRefusal.Invalid(problem) : EmrRelease.Unknown(label);
            return null;
        }

        refusal = null;
        return new JobRunRequest
        {
            VirtualClusterId = virtualClusterId,
            ClientToken = clientToken,
            Name = name,
            ExecutionRoleArn = role,
            Release = release,
            Driver = driver,
            Configurations = configurations,
            Monitoring = monitoring,
            Tags = tags,
            MaxAttempts = attempts,
            Source = source,
        };
    }

    internal static JobDriver? ReadDriver(RequestShape shape, Tree? tree)
    {
        const string Choice = "exactly one of sparkSubmitJobDriver and sparkSqlJobDriver";
        if (tree is null)
        {
            shape.Missing("jobDriver", Choice);
            return null;
        }

        var map = shape.Map(tree, "jobDriver", "sparkSubmitJobDriver", "sparkSqlJobDriver");
        if (map.Count != 1)
        {
            shape.Refuse("jobDriver", map.Count == 0 ? "" : string.Join(", ", map.Keys.ToArray()), Choice);
            return null;
        }

        if (map["sparkSubmitJobDriver"] is { } submit)
        {
            const string Where = "jobDriver.sparkSubmitJobDriver";
            var members = shape.Map(submit, Where, "entryPoint", "entryPointArguments", "sparkSubmitParameters");
            var arguments = shape.List(members["entryPointArguments"], Where + ".entryPointArguments", int.MaxValue)
                .Select((argument, at) => shape.Text(argument, $"{Where}.entryPointArguments[{at}]", LongestUri) ?? "");
            return new JobDriver.SparkSubmit(
                shape.Required(members["entryPoint"], Where + ".entryPoint", 256, EmrPatterns.NotBlank()),
                [.. arguments],
                shape.Text(members["sparkSubmitParameters"], Where + ".sparkSubmitParameters", MostParameters, EmrPatterns.NotBlank()) ?? "");
        }

        var sql = shape.Map(map["sparkSqlJobDriver"], "jobDriver.sparkSqlJobDriver", "entryPoint", "sparkSqlParameters");
        return new JobDriver.SparkSql(
            shape.Required(sql["entryPoint"], "jobDriver.sparkSqlJobDriver.entryPoint", 256, EmrPatterns.NotBlank()),
            shape.Text(sql["sparkSqlParameters"], "jobDriver.sparkSqlJobDriver.sparkSqlParameters", MostParameters, EmrPatterns.NotBlank()) ?? "");
    }

    internal static ImmutableArray<Configuration> ReadConfigurations(RequestShape shape, Tree? tree, string where, int depth)
    {
        var configurations = ImmutableArray.CreateBuilder<Configuration>();
        foreach (var item in shape.List(tree, where, MostConfigurations))
        {
            var here = $"{where}[{configurations.Count}]";
            var map = shape.Map(item, here, "classification", "properties", "configurations");
            var properties = shape.Map(map["properties"], here + ".properties");
            if (properties.Count > MostConfigurations)
            {
                shape.Refuse(here + ".properties", $"{properties.Count} entries", $"at most {MostConfigurations}");
            }

            var texts = new TreeMapBuilder(properties.Count);
            foreach (var (key, value) in properties)
            {
                shape.Text(key, $"{here}.properties, a key", 1024, EmrPatterns.NotBlank());
                texts.Set(key, shape.Text(value, $"{here}.properties.{key}", 1024, least: 0) ?? "");
            }

            configurations.Add(new Configuration(
                shape.Required(map["classification"], here + ".classification", 1024, EmrPatterns.NotBlank()),
                texts.Build(),
                depth < 10 ? ReadConfigurations(shape, map["configurations"], here + ".configurations", depth + 1) : []));
        }

        return configurations.ToImmutable();
    }

    internal static Monitoring ReadMonitoring(RequestShape shape, Tree? tree, EmrRelease? release)
    {
        const string Where = "configurationOverrides.monitoringConfiguration";
        var map = shape.Map(
            tree, Where, "persistentAppUI", "cloudWatchMonitoringConfiguration", "s3MonitoringConfiguration", "containerLogRotationConfiguration", "managedLogs");
        var ui = shape.Text(map["persistentAppUI"], Where + ".persistentAppUI", 8, SwitchPattern(), "ENABLED or DISABLED");
        var (group, prefix, uri) = ((string?)null, (string?)null, (string?)null);
        if (map["cloudWatchMonitoringConfiguration"] is { } cloudWatch)
        {
            const string Below = Where + ".cloudWatchMonitoringConfiguration";
            var members = shape.Map(cloudWatch, Below, "logGroupName", "logStreamNamePrefix");
            group = shape.Required(members["logGroupName"], Below + ".logGroupName", 512, LogGroupPattern(), "1 to 512 of the characters . - _ / # A-Z a-z 0-9");
            prefix = shape.Text(members["logStreamNamePrefix"], Below + ".logStreamNamePrefix", 256, EmrPatterns.NotBlank());
        }

        if (map["s3MonitoringConfiguration"] is { } s3)
        {
            var members = shape.Map(s3, Where + ".s3MonitoringConfiguration", "logUri");
            uri = shape.Required(members["logUri"], Where + ".s3MonitoringConfiguration.logUri", LongestUri, S3Pattern(), "an S3 URI such as s3://bucket/logs/");
        }

        if (map["containerLogRotationConfiguration"] is { } rotation)
        {
            const string Below = Where + ".containerLogRotationConfiguration";
            var members = shape.Map(rotation, Below, "rotationSize", "maxFilesToKeep");
            shape.Required(members["rotationSize"], Below + ".rotationSize", 12, SizePattern(), "a size from 2KB to 2GB such as 50MB");
            if (members["maxFilesToKeep"]?.Integer is null or < 1 or > 50)
            {
                shape.Refuse(Below + ".maxFilesToKeep", members["maxFilesToKeep"], "a whole number from 1 to 50");
            }

            if (release is { IsLogRotationKnown: false })
            {
                shape.Refuse(Below, release.Label, "a release of 6.11.0 or later");
            }
        }

        var managed = shape.Map(map["managedLogs"], Where + ".managedLogs", "allowAWSToRetainLogs", "encryptionKeyArn");
        shape.Text(managed["allowAWSToRetainLogs"], Where + ".managedLogs.allowAWSToRetainLogs", 8, SwitchPattern(), "ENABLED or DISABLED");
        shape.Text(managed["encryptionKeyArn"], Where + ".managedLogs.encryptionKeyArn", 2048, EmrPatterns.Key(), "the ARN of a KMS key");
        return new Monitoring { PersistentAppUi = ui != "DISABLED", LogGroup = group, LogStreamPrefix = prefix, S3LogUri = uri };
    }

    internal static TreeMap ReadTags(RequestShape shape, Tree? tree, string where = "tags")
    {
        var tags = shape.Map(tree, where);
        if (tags.Count > MostTags)
        {
            shape.Refuse(where, $"{tags.Count} tags", $"at most {MostTags}");
        }

        var texts = new TreeMapBuilder(tags.Count);
        foreach (var (key, value) in tags)
        {
            shape.Text(key, where + ", a key", 128, EmrPatterns.NotBlank());
            texts.Set(key, shape.Text(value, $"{where}.{key}", 256, least: 0) ?? "");
        }

        return texts.Build();
    }

    private static int? ReadAttempts(RequestShape shape, Tree? tree, EmrRelease? release)
    {
        if (tree is null)
        {
            return null;
        }

        var attempts = shape.Map(tree, "retryPolicyConfiguration", "maxAttempts")["maxAttempts"];
        if (attempts?.Integer is null or < 1 or > int.MaxValue)
        {
            shape.Refuse("retryPolicyConfiguration.maxAttempts", attempts, "a whole number from 1 to 2147483647");
            return null;
        }

        if (release is { IsRetryKnown: false })
        {
            shape.Refuse("retryPolicyConfiguration", release.Label, "a release of 6.9.0 or later");
        }

        return (int)attempts.Integer.Value;
    }

    [GeneratedRegex("^(ENABLED|DISABLED)$", RegexOptions.CultureInvariant)]
    private static partial Regex SwitchPattern();

    [GeneratedRegex(@"^[.\-_/#A-Za-z0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex LogGroupPattern();

    [GeneratedRegex("^s3[an]?://[^/]+", RegexOptions.CultureInvariant)]
    private static partial Regex S3Pattern();

    [GeneratedRegex(@"^\d+(\.\d+)?[KMG][Bb]?$", RegexOptions.CultureInvariant)]
    private static partial Regex SizePattern();
}
