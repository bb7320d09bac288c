using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Emr;

/// <summary>Reads the members of CreateJobTemplate and refuses what their shape shows to be wrong; a placeholder may stand for most values.</summary>
internal static partial class JobTemplateReader
{
    private const string Data = "jobTemplateData";
    private const string PlaceholderToo = ", or a placeholder such as ${Name}";

    /// <summary>What is wrong with a request, or null.</summary>
    public static EmrRefusal? Check(TreeMap request)
    {
        var shape = new RequestShape();
        shape.Map(request, "", "name", "clientToken", Data, "tags", "kmsKeyArn");
        shape.Required(request["name"], "name", 64, EmrPatterns.Name(), EmrPatterns.NameAllowed);
        shape.Required(request["clientToken"], "clientToken", 64, EmrPatterns.NotBlank());
        shape.Text(request["kmsKeyArn"], "kmsKeyArn", 2048, EmrPatterns.Key(), "the ARN of a KMS key" + PlaceholderToo);
        StartJobRunReader.ReadTags(shape, request["tags"]);
        if (request[Data] is null or TreeNull)
        {
            shape.Missing(Data, "executionRoleArn, releaseLabel and jobDriver of the job runs to come");
        }

        var data = shape.Map(request[Data], Data, "executionRoleArn", "releaseLabel", "configurationOverrides", "jobDriver", "parameterConfiguration", "jobTags");
        var role = shape.Required(data["executionRoleArn"], Data + ".executionRoleArn", 2048);
        if (role.Length > 0 && !role.Contains("${", StringComparison.Ordinal) && !EmrPatterns.Role().IsMatch(role))
        {
            shape.Refuse(Data + ".executionRoleArn", role, EmrPatterns.RoleAllowed + PlaceholderToo);
        }

        var label = shape.Required(data["releaseLabel"], Data + ".releaseLabel", 64, LabelPattern(), EmrRelease.Allowed + PlaceholderToo);
        StartJobRunReader.ReadDriver(shape, data["jobDriver"]);
        ReadOverrides(shape, data["configurationOverrides"]);
        ReadParameters(shape, data["parameterConfiguration"]);
        StartJobRunReader.ReadTags(shape, data["jobTags"], Data + ".jobTags");
        return shape.Problem is { } problem ? EmrRefusal.Invalid(problem)
            : !label.Contains("${", StringComparison.Ordinal) && EmrRelease.Find(label) is null ? EmrRelease.Unknown(label)
            : null;
    }

    private static void ReadOverrides(RequestShape shape, Tree? tree)
    {
        const string Where = Data + ".configurationOverrides";
        const string Below = Where + ".monitoringConfiguration";
        var overrides = shape.Map(tree, Where, "applicationConfiguration", "monitoringConfiguration");
        StartJobRunReader.ReadConfigurations(shape, overrides["applicationConfiguration"], Where + ".applicationConfiguration", 0);
        var monitoring = shape.Map(overrides["monitoringConfiguration"], Below, "persistentAppUI", "cloudWatchMonitoringConfiguration", "s3MonitoringConfiguration");
        shape.Text(monitoring["persistentAppUI"], Below + ".persistentAppUI", 512, ParameterPattern(), "ENABLED, DISABLED" + PlaceholderToo);
        var group = shape.Map(monitoring["cloudWatchMonitoringConfiguration"], Below + ".cloudWatchMonitoringConfiguration", "logGroupName", "logStreamNamePrefix");
        shape.Text(group["logGroupName"], Below + ".cloudWatchMonitoringConfiguration.logGroupName", 512, ParameterPattern(), "1 to 512 of the characters . - _ / # A-Z a-z 0-9" + PlaceholderToo);
        shape.Text(group["logStreamNamePrefix"], Below + ".cloudWatchMonitoringConfiguration.logStreamNamePrefix", 256, EmrPatterns.NotBlank());
        var bucket = shape.Map(monitoring["s3MonitoringConfiguration"], Below + ".s3MonitoringConfiguration", "logUri");
        shape.Text(bucket["logUri"], Below + ".s3MonitoringConfiguration.logUri", 10_280);
    }

    private static void ReadParameters(RequestShape shape, Tree? tree)
    {
        const string Where = Data + ".parameterConfiguration";
        var parameters = shape.Map(tree, Where);
        if (parameters.Count > 100)
        {
            shape.Refuse(Where, $"{parameters.Count} parameters", "at most 100");
        }

        foreach (var (name, value) in parameters)
        {
            shape.Text(name, Where + ", a name", 512, NamePattern(), "1 to 512 of the characters . - _ # A-Z a-z 0-9");
            var members = shape.Map(value, $"{Where}.{name}", "type", "defaultValue");
            var type = shape.Text(members["type"], $"{Where}.{name}.type", 6, TypePattern(), "NUMBER or STRING");
            var standard = shape.Text(members["defaultValue"], $"{Where}.{name}.defaultValue", 1024, EmrPatterns.NotBlank());
            if (type == "NUMBER" && standard is not null && !JobTemplates.IsNumber(standard))
            {
                shape.Refuse($"{Where}.{name}.defaultValue", standard, "a number");
            }
        }
    }

    [GeneratedRegex(@"^([.\-_/A-Za-z0-9]+|\$\{[a-zA-Z]\w*\})$", RegexOptions.CultureInvariant)]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^[.\-_/#A-Za-z0-9${}]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterPattern();

    [GeneratedRegex(@"^[.\-_#A-Za-z0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex("^(NUMBER|STRING)$", RegexOptions.CultureInvariant)]
    private static partial Regex TypePattern();
}
