# ruff: noqa: E501 - XML as it stands in a file
"""How other tools write: one small drawing of our own in the manner of each, as their files and documentation show it.

Prefixes, what stands in front, where they put their own things, how they draw and what they leave out; never a file of
theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MODEL: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
_DD: Final = "http://www.omg.org/spec/DD/20100524/DI"
_UTF8: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_WAY: Final = (136, 118), (200, 118)


@dataclass(frozen=True)
class Hand:
    """A tool's handwriting."""

    m: str = "bpmn:"  # prefixes, with their colon, of BPMN, its drawing, and the places
    d: str = "bpmndi:"
    c: str = "dc:"
    p: str = "di:"
    head: str = _UTF8
    root: str = ""  # attributes
    ahead: str = ""  # before the process
    process: str = ""  # attributes
    first: str = ""  # in the process, before its steps
    task: str = "userTask"
    doing: str = ""  # attributes of the task
    inside: str = ""  # in the task, first
    loop: str = ""  # in the task, last
    after: str = ""  # behind the steps
    back: str = ""  # behind the process
    diagram: str = ""  # attributes
    shape: str = ""
    label: str = ""  # in the shape of the task
    end: str = ""  # in the diagram, last
    flow: str = "/>"  # how a flow ends
    ids: tuple[str, ...] = ("s", "look", "e", "f1", "f2")
    is_linked: bool = True  # steps name the flows that lead to and from them

    def file(self) -> str:
        """The whole text."""
        m, (s, look, e, one, two) = self.m, self.ids
        ways = {"s": self._ways("", one), "look": self._ways(one, two), "e": self._ways(two, "")}
        spaces = "".join(
            f' xmlns{":" * bool(prefix)}{prefix.rstrip(":")}="{uri}"'
            for prefix, uri in ((m, _MODEL), (self.d, _DI), (self.c, _DC), (self.p, _DD))
        )
        return (
            f'{self.head}<{m}definitions{spaces} targetNamespace="http://example.org/t"{self.root}>\n{self.ahead}'
            f'<{m}process id="P_1"{self.process}>\n{self.first}'
            f'<{m}startEvent id="{s}" name="Behov">{ways["s"]}</{m}startEvent>\n'
            f'<{m}{self.task} id="{look}" name="Se på &quot;saken&quot; &amp; svar"{self.doing}>{self.inside}'
            f"{ways['look']}{self.loop}</{m}{self.task}>\n"
            f'<{m}endEvent id="{e}">{ways["e"]}</{m}endEvent>\n'
            f'<{m}sequenceFlow id="{one}" sourceRef="{s}" targetRef="{look}"/>\n'
            f'<{m}sequenceFlow id="{two}" sourceRef="{look}" targetRef="{e}"{self.flow}\n'
            f"{self.after}</{m}process>\n{self.back}{self._drawing()}</{m}definitions>\n"
        )

    def _ways(self, came: str, goes: str) -> str:
        if not self.is_linked:
            return ""
        ways = (("incoming", came), ("outgoing", goes))
        return "".join(f"<{self.m}{name}>{flow}</{self.m}{name}>" for name, flow in ways if flow)

    def _drawing(self) -> str:
        d, c, p = self.d, self.c, self.p
        s, look, e, one, two = self.ids
        shapes = "".join(
            f'<{d}BPMNShape id="{id_}_gui" bpmnElement="{id_}"{self.shape}>'
            f'<{c}Bounds height="{w}.0" width="{w}.0" x="{x}.0" y="{y}.0"/>{self.label if id_ == look else ""}'
            f"</{d}BPMNShape>\n"
            for id_, x, y, w in ((s, 100, 100, 36), (look, 200, 78, 80), (e, 360, 100, 36))
        )
        edges = "".join(
            f'<{d}BPMNEdge id="{id_}_gui" bpmnElement="{id_}"><{p}waypoint x="{x}.0" y="118.0"/>'
            f'<{p}waypoint x="{y}.0" y="118.0"/></{d}BPMNEdge>\n'
            for id_, x, y in ((one, 136, 200), (two, 280, 360))
        )
        return (
            f'<{d}BPMNDiagram id="D_1"{self.diagram}><{d}BPMNPlane id="Pl_1" bpmnElement="P_1">\n{shapes}{edges}'
            f"</{d}BPMNPlane>{self.end}</{d}BPMNDiagram>\n"
        )


def _own(inside: str, m: str = "bpmn:") -> str:
    return f"<{m}extensionElements>{inside}</{m}extensionElements>"


_XSI: Final = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_CAMUNDA: Final = ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
_MODELER: Final = ' xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
_LANGUAGES: Final = ' typeLanguage="http://www.w3.org/2001/XMLSchema" expressionLanguage="http://www.w3.org/1999/XPath"'
_GUID: Final = "9c3d9edd-e594-4ecf-af64-ae5ceb2fa680"
_GUIDS: Final = tuple(f"Id_{_GUID}{n}" for n in range(5))
_CONDITION: Final = (
    '><{0}conditionExpression xsi:type="{0}tFormalExpression"><![CDATA[${{approved == "ja" && days < 5}}]]>'
    "</{0}conditionExpression></{0}sequenceFlow>"
)

HANDS: Final[dict[str, Hand]] = {
    "Yaoqiang": Hand(
        m="", c="dc:", head='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n', diagram=' resolution="96.0"',
        root=f' xmlns:yaoqiang="http://bpmn.sourceforge.net" exporter="Yaoqiang BPMN Editor"{_LANGUAGES}{_XSI}',
        ahead='<itemDefinition id="ID_1" isCollection="false" itemKind="Information" structureRef="info"/>',
        process=' isClosed="false" isExecutable="true" processType="None"', task="userTask",
        doing=' completionQuantity="1" implementation="##unspecified" isForCompensation="false" startQuantity="1"',
        first=_own('<yaoqiang:pageFormat height="841.8" width="595.2"/><yaoqiang:page background="#FFFFFF"/>', ""),
        loop='<performer id="per"><resourceAssignmentExpression id="ra"><formalExpression id="fe">HR'
        "</formalExpression></resourceAssignmentExpression></performer>",
    ),
    "Signavio": Hand(
        m="", c="omgdc:", p="omgdi:", ids=tuple(f"sid-{_GUID.upper()}{n}" for n in range(5)),
        root=f' xmlns:signavio="http://www.signavio.com" exporter="Signavio Process Editor"{_LANGUAGES}{_XSI}',
        process=' isExecutable="false" processType="None"', task="task", doing=' startQuantity="1"',
        inside=_own('<signavio:signavioMetaData metaKey="bgcolor" metaValue="#ffffcc"/>'
                    '<signavio:signavioLabel ref="text" x="10.0"/>', ""),
        label='<bpmndi:BPMNLabel labelStyle="ls"><omgdc:Bounds height="12.0" width="60.0" x="210.0" y="100.0"/>'
        "</bpmndi:BPMNLabel>",
        end='<bpmndi:BPMNLabelStyle id="ls"><omgdc:Font isBold="false" name="Arial" size="12.0"/>'
        "</bpmndi:BPMNLabelStyle>",
    ),
    "jBPM": Hand(
        m="bpmn2:", task="userTask",
        root=' xmlns="http://www.omg.org/bpmn20" xmlns:bpsim="http://www.bpsim.org/schemas/1.0" '
        f'xmlns:drools="http://www.jboss.org/drools" exporter="jBPM Process Modeler"{_XSI}',
        process=' drools:packageName="no.eksempel" drools:version="1.0" drools:adHoc="false" processType="Public"',
        inside=_own('<drools:metaData name="elementname"><drools:metaValue><![CDATA[Se på <saken>]]>'
                    '</drools:metaValue></drools:metaData><drools:onEntry-script scriptFormat="java"/>', "bpmn2:"),
        loop='<bpmn2:ioSpecification><bpmn2:dataInput id="in_1" drools:dtype="String" name="TaskName"/>'
        "<bpmn2:inputSet><bpmn2:dataInputRefs>in_1</bpmn2:dataInputRefs></bpmn2:inputSet><bpmn2:outputSet/>"
        "</bpmn2:ioSpecification><bpmn2:dataInputAssociation><bpmn2:targetRef>in_1</bpmn2:targetRef><bpmn2:assignment>"
        '<bpmn2:from xsi:type="bpmn2:tFormalExpression"><![CDATA[see]]></bpmn2:from>'
        '<bpmn2:to xsi:type="bpmn2:tFormalExpression"><![CDATA[in_1]]></bpmn2:to></bpmn2:assignment>'
        "</bpmn2:dataInputAssociation>",
        back='<bpmn2:relationship type="BPSimData">' + _own(
            '<bpsim:BPSimData><bpsim:Scenario id="default" name="Simulering"><bpsim:ElementParameters '
            'elementRef="look"/></bpsim:Scenario></bpsim:BPSimData>', "bpmn2:")
        + "<bpmn2:source>P_1</bpmn2:source><bpmn2:target>P_1</bpmn2:target></bpmn2:relationship>",
    ),
    "Activiti": Hand(
        m="", c="omgdc:", p="omgdi:", is_linked=False, root=f' xmlns:activiti="http://activiti.org/bpmn"{_XSI}{_LANGUAGES}',
        doing=' activiti:assignee="${leder}" activiti:candidateGroups="hr"',
        inside=_own('<activiti:formProperty id="dager" name="Dager" type="long" required="true"></activiti:formProperty>',
                    ""),
        flow=_CONDITION.format(""),
    ),
    "Flowable": Hand(
        m="", c="omgdc:", p="omgdi:", is_linked=False,
        root=' xmlns:flowable="http://flowable.org/bpmn" xmlns:design="http://flowable.org/design"' + _XSI,
        doing=' flowable:formKey="skjema" flowable:formFieldValidation="true" design:palette="x"',
        inside=_own('<flowable:taskListener event="create" delegateExpression="${a}"/><design:stencilid><![CDATA[FormTask]]>'
                    "</design:stencilid>", ""),
    ),
    "Camunda 7": Hand(
        root=f'{_CAMUNDA}{_MODELER}{_XSI} id="Definitions_1" exporter="Camunda Modeler" '
        'modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.20.0"',
        process=' isExecutable="true" camunda:historyTimeToLive="180"', doing=' camunda:assignee="kari" camunda:dueDate="${d}"',
        inside=_own('<camunda:formData><camunda:formField id="a" label="Svar" type="enum"><camunda:value id="ja" name="Ja"/>'
                    '</camunda:formField></camunda:formData><camunda:inputOutput><camunda:inputParameter name="x">'
                    '<camunda:script scriptFormat="groovy">a &lt; b</camunda:script></camunda:inputParameter>'
                    "</camunda:inputOutput>"),
        flow=_CONDITION.format("bpmn:"),
    ),
    "Camunda 8": Hand(
        root=f' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"{_MODELER} id="D" exporter="Camunda Web Modeler" '
        'modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0"',
        process=' isExecutable="true"', first=_own('<zeebe:userTaskForm id="f">{ "components": [] }</zeebe:userTaskForm>'),
        doing=' zeebe:modelerTemplate="t" zeebe:modelerTemplateIcon="data:image/svg+xml,%3Csvg%3E"',
        inside=_own('<zeebe:userTask/><zeebe:formDefinition formKey="camunda-forms:bpmn:f"/><zeebe:ioMapping>'
                    '<zeebe:input source="=a &#62; 1" target="x"/></zeebe:ioMapping>'),
    ),
    "bpmn.io": Hand(
        root=' xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" '
        'xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0" exporter="bpmn-js (https://demo.bpmn.io)"',
        shape=' bioc:stroke="#0d4372" bioc:fill="#bbdefb" color:background-color="#bbdefb" color:border-color="#0d4372"',
        label='<bpmndi:BPMNLabel color:color="#0d4372"/>',
    ),
    "Bonita": Hand(
        m="model:", d="di:", p="di_1:",
        root=f' xmlns:java="http://jcp.org/en/jsr/detail?id=270"{_XSI} xsi:schemaLocation="schemaLocation {_MODEL} '
        'schemas/BPMN20.xsd" exporter="BonitaSoft" expressionLanguage="http://groovy.apache.org/"',
        ahead='<model:import importType="http://www.w3.org/2001/XMLSchema" location="connectorDefs/a.xsd" '
        'namespace="http://www.bonitasoft.org/studio/connector/definition/6.0"/>'
        '<model:itemDefinition id="String" structureRef="java:java.lang.String"/>',
        first='<model:ioSpecification id="io"><model:inputSet id="is"/><model:outputSet id="os"/></model:ioSpecification>',
        loop='<model:performer id="perf"><model:resourceRef>leder</model:resourceRef></model:performer>',
        end='<di:BPMNLabelStyle><dc:Font name="Arial" size="9.0"/></di:BPMNLabelStyle>',
    ),
    "W4": Hand(
        m="model:", root=' xmlns:w4="http://www.w4.eu/spec/BPMN/20110701/MODEL" '
        'xmlns:w4graph="http://www.w4.eu/spec/BPMN/20110930/GRAPH" w4:version="1.0"',
        first=_own('<w4graph:graphStyle><w4graph:basic background="255,255,255"/><w4graph:root><Grid spacing="15"/>'
                   "<VerticalRuler/></w4graph:root></w4graph:graphStyle>", "model:"),
    ),
    "itp commerce": Hand(
        m="", root=' xmlns:itp="http://www.itp-commerce.com/BPMN2.0" itp:version="1.0" itp:conformanceSubClass="Full"',
        inside=_own('<itp:systemDefinedAttributes><attribute xmlns="" name="KPI" type="Float" value="1" '
                    'format="Currency;Fr.;;"/></itp:systemDefinedAttributes>', ""),
    ),
    "ADONIS": Hand(
        m="semantic:", root=' xmlns:adonis="http://www.boc-group.com" xmlns:xml_6="@boc-eu.com/boc-is/ado.xmllight;1"',
        ahead='<semantic:extensionElements><adonis:modelattributes><adonis:attribute name="A" type="ENUM">'
        "<adonis:value>No entry</adonis:value></adonis:attribute></adonis:modelattributes></semantic:extensionElements>",
        inside=_own('<adonis:instance><adonis:attribute name="ANSVAR" novalue="0"><adonis:value/></adonis:attribute>'
                    "</adonis:instance>", "semantic:"),
    ),
    "ARIS": Hand(
        m="semantic:", root=' xmlns:i18n="http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0" '
        'xmlns:aris="http://www.softwareag.com/aris/attributes" exporter="ARIS"',
        inside=_own('<i18n:translation target="@name" xml:lang="en">Look</i18n:translation>'
                    '<aris:attribute name="AT_ID" value="1"/>', "semantic:"),
    ),
    "Trisotech": Hand(
        m="semantic:", ids=tuple(f"_{_GUID}{n}" for n in range(5)),
        root=' xmlns="http://example.org/t" xmlns:triso="http://www.trisotech.com/2015/triso/modeling" '
        'xmlns:trisofeed="http://trisotech.com/feed" xmlns:rss="http://purl.org/rss/2.0/" triso:logoChoice="Default"',
        first=_own('<rss:channel><rss:item trisofeed:id="r" trisofeed:type="entity"/></rss:channel>', "semantic:"),
        doing=' triso:raciResponsible="HR"', task="task", end='<bpmndi:BPMNLabelStyle id="LS"><dc:Font size="11.0"/>'
        "</bpmndi:BPMNLabelStyle>",
    ),
    "Bizagi": Hand(
        m="", ids=_GUIDS, root=' xmlns:xsd="http://www.w3.org/2001/XMLSchema"', task="task",
        inside='<documentation/><extensionElements><bizagi:BizagiExtensions xmlns:bizagi="http://www.bizagi.com/bpmn20">'
        '<bizagi:BizagiProperties><bizagi:BizagiProperty name="bgColor" value="#ECEFFF"/></bizagi:BizagiProperties>'
        "</bizagi:BizagiExtensions></extensionElements>",
        label="<bpmndi:BPMNLabel><dc:Bounds/></bpmndi:BPMNLabel>".replace("<dc:Bounds/>", ""),
    ),
    "CaseAgile": Hand(
        m="", ids=tuple(f"_{_GUID}{n}" for n in range(5)), root=' exporter="Enterprise Composer"',
        inside='<extensionElements><caseagile:model xmlns:caseagile="http://caseagile.com/schema/BPMN/20170414/MODEL">'
        f'<caseagile:element id="{_GUID}"/><caseagile:principal id="User"/></caseagile:model></extensionElements>',
    ),
    "Eclipse BPMN2 Modeler": Hand(
        m="bpmn2:", root=' xmlns:ext="http://org.eclipse.bpmn2/ext" exporter="org.eclipse.bpmn2.modeler.core"',
        inside=_own('<ext:style ext:shapeBackground="#ffffff" ext:labelFont="Sans,10"/>', "bpmn2:"),
        back="<!-- origin at X=0.0 Y=0.0 -->\n",
    ),
    "SpiffWorkflow": Hand(
        root=' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"', process=' isExecutable="true"',
        inside=_own("<spiffworkflow:instructionsForEndUser># Se her\n\n* ett\n* to &amp; tre</spiffworkflow:instructionsForEndUser>"
                    '<spiffworkflow:properties><spiffworkflow:property name="formJsonSchemaFilename" value="a.json"/>'
                    "</spiffworkflow:properties>"),
    ),
    "ProcessMaker": Hand(
        root=' xmlns:pm="http://processmaker.com/BPMN/2.0/Schema.xsd"', task="task",
        doing=' pm:screenRef="1" pm:assignment="requester" pm:allowInterstitial="false" pm:config="{&quot;a&quot;:[]}"',
    ),
    "Enterprise Architect": Hand(
        head='<?xml version="1.0" encoding="windows-1252"?>\n', is_linked=False, root=' exporter="Enterprise Architect"',
        ids=tuple(f"EAID_{n}_{_GUID.replace('-', '_').upper()}" for n in range(5)),
    ),
    "SAP Integration Suite": Hand(
        m="bpmn2:", root=' xmlns:ifl="http:///com.sap.ifl.model/Ifl.xsd"', task="callActivity",
        ahead='<bpmn2:collaboration id="Collaboration_1" name="Default Collaboration">' + _own(
            "<ifl:property><key>namespaceMapping</key><value/></ifl:property>", "bpmn2:")
        + '<bpmn2:participant id="Participant_1" ifl:type="EndpointSender" name="Avsender"/></bpmn2:collaboration>',
        inside=_own("<ifl:property><key>activityType</key><value>Enricher</value></ifl:property>", "bpmn2:"),
    ),
    "numbered prefixes": Hand(
        m="ns16:", d="ns13:", c="ns7:", p="ns9:",
        root=' xmlns:ns4="http://www.ibm.com/xmlns/prod/bpm/bpmn/ext/process/wle" '
        'xmlns:ns2="http://xmlns.oracle.com/bpm/OracleExtensions"',
        inside=_own("<ns4:activityType>UserTask</ns4:activityType><ns2:OracleExtensions><ns2:Features/>"
                    "</ns2:OracleExtensions>", "ns16:"),
    ),
    "a script's prefixes": Hand(m="ns0:", d="ns1:", c="ns2:", p="ns3:", head="", is_linked=False),
    "stylesheets and comments": Hand(
        head=_UTF8 + '<?xml-stylesheet type="text/xsl" href="vis.xsl"?>\n<!-- laget for hånd -->\n',
        first="<!-- steg -->", back="<?verktøy plass=1?>", after="<!-- slutt -->",
        inside='<bpmn:documentation textFormat="text/html"><![CDATA[<p>Les <b>dette</b></p>]]></bpmn:documentation>',
    ),
    "several drawings of one": Hand(
        back='<bpmndi:BPMNDiagram id="D_0" name="Tom"><bpmndi:BPMNPlane id="Pl_0"/></bpmndi:BPMNDiagram>'
        '<bpmndi:BPMNDiagram id="D_2" name="Utskrift"><bpmndi:BPMNPlane id="Pl_2" bpmnElement="P_1"><bpmndi:BPMNShape '
        'id="again" bpmnElement="look"><dc:Bounds x="1" y="2" width="3" height="4"/></bpmndi:BPMNShape></bpmndi:BPMNPlane>'
        "</bpmndi:BPMNDiagram>",
    ),
    "a category beside the process": Hand(
        ahead='<bpmn:categoryValue id="cv" value="Gruppen"/>', after='<bpmn:group id="g" categoryValueRef="cv"/>',
        end="",
    ),
    "a closed phase drawn in one plane": Hand(
        task="subProcess", loop='<bpmn:userTask id="inner" name="Inni"/>', shape=' isExpanded="false"',
        label="", after='<bpmn:textAnnotation id="note"><bpmn:text>Husk</bpmn:text></bpmn:textAnnotation>',
    ),
    "two of one id": Hand(after='<bpmn:task id="look" name="Samme id"/>'),
    "no drawing of one step": Hand(after='<bpmn:task id="late" name="Kom til senere"/>'),
    "namespaces where they are used": Hand(
        after=f'<x:userTask xmlns:x="{_MODEL}" id="own" name="Eget navnerom"/>', root=_XSI,
        flow=f'><c:conditionExpression xmlns:c="{_MODEL}" xsi:type="c:tFormalExpression">x</c:conditionExpression>'
        "</bpmn:sequenceFlow>",
    ),
}  # fmt: skip

TOOLS: Final[dict[str, bytes]] = {
    name: hand.file().encode("cp1252" if "windows-1252" in hand.head else "utf-8") for name, hand in HANDS.items()
}
# What the editor cannot show of them, as it says so.
UNSHOWN: Final[dict[str, str]] = {
    "two of one id": "«Samme id»",
    "no drawing of one step": "«Kom til senere»",
    "SAP Integration Suite": "«Avsender»",
}
