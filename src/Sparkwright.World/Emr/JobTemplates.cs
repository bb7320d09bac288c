using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Emr;

/// <summary>Job templates: values of StartJobRun, with <c>${name}</c> where a job run gives its own.</summary>
public sealed partial class JobTemplates(ApiServer api, EmrResources resources)
{
    /// <summary>What a template says for the job runs that start from it.</summary>
    private static readonly string[] Given = ["executionRoleArn", "releaseLabel", "jobDriver", "configurationOverrides"];

    /// <param name="request">Members of CreateJobTemplate, of the right shape.</param>
    public EmrResult Create(TreeMap request, string caller) => resources.Earlier(EmrTypes.JobTemplate, request) ?? resources.Create(
        EmrTypes.JobTemplate,
        "jobtemplates",
        EmrIds.TimeOrdered(api.Clock.Now, api.Chance.For("emr/job-template", api.Store.ResourceVersion + 1)),
        request,
        caller);

    public ApiObject? Get(string id) => api.Store.Get(EmrTypes.JobTemplate, "", id);

    /// <summary>Answers what stands against it, or null. Job runs that have started from it go on.</summary>
    public EmrRefusal? Delete(string id)
    {
        if (Get(id) is not { } template)
        {
            return EmrRefusal.Invalid($"Job template {id} doesn't exist.");
        }

        api.Delete(EmrTypes.JobTemplate, template.Key);
        return null;
    }

    /// <summary>The request of StartJobRun with the values of the template that it names; a request that names none is itself.</summary>
    public (TreeMap? Request, EmrRefusal? Refusal) Fill(TreeMap request)
    {
        if (request["jobTemplateId"] is null or TreeNull)
        {
            return request.ContainsKey("jobTemplateParameters")
                ? (null, EmrRefusal.Invalid("jobTemplateParameters: are given without a jobTemplateId"))
                : (request, null);
        }

        var shape = new RequestShape();
        var id = shape.Required(request["jobTemplateId"], "jobTemplateId", 64, EmrPatterns.Id(), EmrPatterns.IdAllowed);
        var values = ReadValues(shape, request["jobTemplateParameters"]);
        if (shape.Problem is { } problem)
        {
            return (null, EmrRefusal.Invalid(problem));
        }

        if (Get(id) is not { } template)
        {
            return (null, EmrRefusal.NotFound($"Job template {id} doesn't exist."));
        }

        if (Array.Find(Given, request.ContainsKey) is { } twice)
        {
            return (null, EmrRefusal.Invalid($"{twice}: is what job template {id} says; leave it out, or start the job run without jobTemplateId"));
        }

        var data = (TreeMap)template.Spec.At("request", "jobTemplateData")!;
        var (texts, wrong) = Values(data, values, id);
        if (wrong is not null)
        {
            return (null, EmrRefusal.Invalid(wrong));
        }

        var whole = request.With("jobTemplateId", null).With("jobTemplateParameters", null);
        foreach (var member in Given)
        {
            whole = whole.With(member, data[member] is { } value ? Replaced(value, texts) : null);
        }

        var tags = (data["jobTags"] as TreeMap ?? TreeMap.Empty).Merge(request["tags"] as TreeMap ?? TreeMap.Empty);
        return (whole.With("tags", tags.Count == 0 ? request["tags"] : tags), null);
    }

    /// <summary>The names between <c>${</c> and <c>}</c> in the parts of a template that job runs take over, in the order of the alphabet.</summary>
    internal static ImmutableSortedSet<string> PlaceholdersOf(TreeMap data)
    {
        var names = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var member in Given)
        {
            Collect(data[member]);
        }

        return names.ToImmutable();

        void Collect(Tree? tree)
        {
            switch (tree)
            {
                case TreeText text:
                    names.UnionWith(Placeholder().Matches(text.Value).Select(match => match.Groups[1].Value));
                    break;
                case TreeList list:
                    Array.ForEach(list.Span.ToArray(), Collect);
                    break;
                case TreeMap map:
                    Array.ForEach(map.Values.ToArray(), Collect);
                    break;
            }
        }
    }

    /// <summary>Whether a text is a number as parameters of the type NUMBER have it.</summary>
    internal static bool IsNumber(string text) => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);

    private static TreeMap ReadValues(RequestShape shape, Tree? tree)
    {
        var values = shape.Map(tree, "jobTemplateParameters");
        if (values.Count > 100)
        {
            shape.Refuse("jobTemplateParameters", $"{values.Count} parameters", "at most 100");
        }

        foreach (var (name, value) in values)
        {
            shape.Text(value, $"jobTemplateParameters.{name}", 1024, EmrPatterns.NotBlank());
        }

        return values;
    }

    /// <summary>A text for each placeholder: the given one, else the parameter's default.</summary>
    private static (Dictionary<string, string> Texts, string? Problem) Values(TreeMap data, TreeMap given, string id)
    {
        var declared = data["parameterConfiguration"] as TreeMap ?? TreeMap.Empty;
        var names = PlaceholdersOf(data);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (given.Members().Select(one => one.Key).FirstOrDefault(name => !names.Contains(name) && !declared.ContainsKey(name)) is { } unknown)
        {
            return (texts, $"jobTemplateParameters: job template {id} has no parameter '{unknown}'; it has {string.Join(", ", names)}");
        }

        foreach (var name in names)
        {
            if ((given[name] ?? declared[name]?["defaultValue"]) is not { } value)
            {
                return (texts, $"jobTemplateParameters: job template {id} needs a value for '{name}'");
            }

            var text = value.Text ?? value.ToString();
            if (declared[name]?["type"]?.Text == "NUMBER" && !IsNumber(text))
            {
                return (texts, $"jobTemplateParameters.{name}: '{text}' is not allowed; give a number");
            }

            texts[name] = text;
        }

        return (texts, null);
    }

    private static Tree Replaced(Tree tree, Dictionary<string, string> texts) => tree switch
    {
        TreeText text => Placeholder().Replace(text.Value, match => texts[match.Groups[1].Value]),
        TreeList list => TreeList.From(list.Span.ToArray().Select(item => Replaced(item, texts))),
        TreeMap map => TreeMap.Of([.. map.Members().Select(one => (one.Key, (Tree?)Replaced(one.Value, texts)))]),
        _ => tree,
    };

    [GeneratedRegex(@"\$\{([.\-_#A-Za-z0-9]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
