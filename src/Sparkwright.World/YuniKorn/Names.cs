namespace Sparkwright.World.YuniKorn;

/// <summary>Labels, annotations and other words that YuniKorn and its users agree on.</summary>
public static class Names
{
    public const string Scheduler = "yunikorn";

    /// <summary>The namespace in which YuniKorn and its ConfigMaps live.</summary>
    public const string Namespace = "yunikorn";

    public const string Partition = "default";

    /// <summary>Label and annotation.</summary>
    public const string ApplicationId = Domain + "app-id";

    /// <summary>The older label.</summary>
    public const string LegacyApplicationId = "applicationId";

    /// <summary>What Spark itself sets.</summary>
    public const string SparkApplication = "spark-app-selector";

    /// <summary>Label and annotation.</summary>
    public const string Queue = Domain + "queue";

    /// <summary>The older label.</summary>
    public const string LegacyQueue = "queue";

    public const string UserInfo = Domain + "user.info";

    /// <summary>The label that named the user before <see cref="UserInfo"/>.</summary>
    public const string UserName = Domain + "username";

    /// <summary>Pods so annotated are no application's.</summary>
    public const string IgnoreApplication = Domain + "ignore-application";

    /// <summary>Whether a pod, or the pods of a priority class, may be preempted first.</summary>
    public const string AllowPreemption = Domain + "allow-preemption";

    public const string TaskGroups = Domain + "task-groups";

    public const string TaskGroupName = Domain + "task-group-name";

    public const string SchedulingParameters = Domain + "schedulingPolicyParameters";

    public const string Placeholder = "internal.yunikorn.apache.org/placeholder";

    /// <summary>The same in older versions, as label or annotation.</summary>
    public const string LegacyPlaceholder = Domain + "placeholder";

    public const string NamespaceQuota = Domain + "namespace.quota";

    public const string NamespaceGuaranteed = Domain + "namespace.guaranteed";

    public const string NamespaceMaxApplications = Domain + "namespace.maxApps";

    public const string NamespaceMaxCpu = Domain + "namespace.max.cpu";

    public const string NamespaceMaxMemory = Domain + "namespace.max.memory";

    public const string NamespaceParentQueue = Domain + "parentqueue";

    public const string NamespaceEnabled = Domain + "namespace.enableYuniKorn";

    public const string NamespaceGeneratesIds = Domain + "namespace.generateAppId";

    private const string Domain = "yunikorn.apache.org/";
}
